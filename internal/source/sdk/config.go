package sdk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"

	"cfdoctor/internal/account"
)

const (
	// defaultAttempts is one more than the SDK's: a diagnosis makes many calls at once, and throttling is likelier than usual.
	defaultAttempts = 4
	// metadataTimeout bounds each of the two requests by which an instance's role is looked for: on EC2 the answer takes a few milliseconds,
	// elsewhere nobody listens at that address.
	metadataTimeout = 400 * time.Millisecond
	// connections that stay open to one host; a diagnosis has about that many calls in flight.
	connections = 32
)

// loadConfig reads AWS's environment variables and files.
func loadConfig(ctx context.Context, options Options) (aws.Config, error) {
	client := options.HTTPClient
	if client == nil {
		client = newHTTPClient(options.EndpointURL)
	}
	load := []func(*config.LoadOptions) error{
		config.WithHTTPClient(client),
		config.WithEC2RoleCredentialOptions(func(o *ec2rolecreds.Options) { o.Client = metadataClient() }),
	}
	if options.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(options.Profile))
	}
	if options.Region != "" {
		load = append(load, config.WithRegion(options.Region))
	}
	if options.EndpointURL != "" {
		load = append(load, config.WithBaseEndpoint(options.EndpointURL))
	}
	if options.MaxAttempts != 0 {
		load = append(load, config.WithRetryMaxAttempts(options.MaxAttempts))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if missing := (config.SharedConfigProfileNotExistError{}); errors.As(err, &missing) {
		return cfg, fmt.Errorf("there is no profile %q in the AWS config files: see \"aws configure list-profiles\"", missing.Profile)
	}
	if err != nil {
		return cfg, fmt.Errorf("read the AWS configuration: %w", err)
	}
	if cfg.RetryMaxAttempts == 0 {
		cfg.RetryMaxAttempts = defaultAttempts
	}
	if cfg.Region == "" {
		cfg.Region = account.GlobalRegion
	}
	return cfg, nil
}

// metadataClient asks the instance metadata service, if there is one, once.
func metadataClient() *imds.Client {
	return imds.New(imds.Options{
		Endpoint:   os.Getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT"),
		HTTPClient: &http.Client{Timeout: metadataTimeout},
		Retryer:    aws.NopRetryer{},
	})
}

// newHTTPClient makes the SDK's own client with two changes: more connections to one host, and a detour for emulators.
func newHTTPClient(endpoint string) *awshttp.BuildableClient {
	host := ""
	if u, err := url.Parse(endpoint); err == nil {
		host = u.Hostname()
	}
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = connections
		dial := t.DialContext
		if dial == nil {
			dial = new(net.Dialer).DialContext
		}
		t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			return dial(ctx, network, withoutAccount(address, host))
		}
	})
}

// withoutAccount takes the account id off an address to connect to. S3 Control and CloudFront KeyValueStore put it before the endpoint's
// host, also before one of the user's own: 123456789012.localhost:5000, 123456789012.127.0.0.1:5000. No resolver knows such names,
// and the program that listens there needs the original host in the request alone.
func withoutAccount(address, endpointHost string) string {
	prefix, rest, ok := strings.Cut(address, ".")
	if !ok || !isAccountID(prefix) {
		return address
	}
	host, _, err := net.SplitHostPort(rest)
	if err != nil {
		return address
	}
	if host == endpointHost || net.ParseIP(host) != nil || !strings.Contains(host, ".") {
		return rest
	}
	return address
}

func isAccountID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}
