package collect

import (
	"context"
	"net/url"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	cloudfronttypes "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
)

// maxFunctions bounds how many Lambda functions of a Region are asked for their URLs: no call finds a function by its URL.
const maxFunctions = 200

// functionURL asks for the Lambda function behind a function URL.
func (w *walk) functionURL(ctx context.Context, e cloudfront.Endpoint) {
	then(ctx, w.c, account.Functions(e.Region), func(ctx context.Context, out account.FunctionsOutput) {
		s := &urlSearch{w: w, endpoint: e}
		for i, f := range out.Functions {
			if i < maxFunctions {
				s.names = append(s.names, aws.ToString(f.FunctionName))
			}
		}
		for range min(w.c.opts.PerService, len(s.names)) {
			s.next(ctx)
		}
	})
}

// urlSearch asks one function after the other for its URLs, in a few lanes at once, until one of them is the origin's.
type urlSearch struct {
	w        *walk
	endpoint cloudfront.Endpoint

	mu    sync.Mutex
	names []string // still to be asked; none once the function is found
}

// next goes on in one lane. The context stays that of the list: lanes are a limit, not a chain of dependent calls.
func (s *urlSearch) next(ctx context.Context) {
	s.mu.Lock()
	if len(s.names) == 0 {
		s.mu.Unlock()
		return
	}
	name := s.names[0]
	s.names = s.names[1:]
	s.mu.Unlock()

	Then(ctx, s.w.c, account.FunctionURLs(s.endpoint.Region, name), func(after context.Context, fact evidence.Fact[account.FunctionURLsOutput]) {
		for _, config := range fact.Or(account.FunctionURLsOutput{}).FunctionUrlConfigs {
			if hostOf(aws.ToString(config.FunctionUrl)) == s.endpoint.Domain {
				s.found()
				s.w.urlFunction(after, s.endpoint.Region, name, config)
				return
			}
		}
		s.next(ctx)
	})
}

func (s *urlSearch) found() {
	s.mu.Lock()
	s.names = nil
	s.mu.Unlock()
}

// urlFunction asks for the settings and the resource policy of the function or alias that a URL belongs to.
func (w *walk) urlFunction(ctx context.Context, region, name string, config types.FunctionUrlConfig) {
	arn := aws.ToString(config.FunctionArn)
	qualifier := ""
	if parts := strings.Split(arn, ":"); len(parts) == 8 {
		qualifier = parts[7]
	}
	w.c.Want(ctx, account.LambdaPolicy(region, name, qualifier))
	wantEach(ctx, w.c, account.LambdaConfiguration, config.FunctionArn)
}

// mediaPackage asks for the policy of the MediaPackage endpoint that the request leads to; its path names it:
// /out/v1/GROUP/CHANNEL/ENDPOINT/… (MediaPackage User Guide, endpoints).
func (w *walk) mediaPackage(ctx context.Context, o cloudfronttypes.Origin, e cloudfront.Endpoint) {
	w.c.Want(ctx, account.ChannelGroups(e.Region))
	if path := segments(aws.ToString(o.OriginPath) + w.req.Path); len(path) >= 5 && path[0] == "out" && path[1] == "v1" {
		w.c.Want(ctx, account.EndpointPolicy(e.Region, path[2], path[3], path[4]))
	}
}

// mediaStore asks for the policy of a MediaStore container, found by its endpoint.
func (w *walk) mediaStore(ctx context.Context, e cloudfront.Endpoint) {
	then(ctx, w.c, account.Containers(e.Region), func(ctx context.Context, out account.ContainersOutput) {
		for _, container := range out.Containers {
			if hostOf(container.Endpoint) == e.Domain {
				w.c.Want(ctx, account.ContainerPolicy(e.Region, container.Name))
			}
		}
	})
}

// hostOf is the host of a URL in lower case, "" if it is none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}
