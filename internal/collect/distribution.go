package collect

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/request"
)

// maxInvalidations is how many of the latest invalidations are read with their paths.
const maxInvalidations = 5

// Distribution asks for everything that a diagnosis of the distribution and the request needs; [Collector.Wait] gives the world.
//
// Asked again for another request, such as the one that a function makes of it, it makes only the calls that the first did not.
func Distribution(ctx context.Context, c *Collector, id string, req request.Request) {
	c.Want(ctx,
		account.MonitoringSubscription(id), account.Alarms(account.GlobalRegion),
		account.DeliverySources(), account.DeliveryDestinations(), account.Deliveries())
	if host := cloudfront.NormalizeHost(req.Host); host != "" && cloudfront.ClassifyEndpoint(host).Kind != cloudfront.KindCloudFront {
		c.Want(ctx, account.HostedZones()) // its records will be wanted: not a round later
	}
	then(ctx, c, account.Caller(), func(_ context.Context, caller account.CallerOutput) { c.setAccount(caller.Account) })
	then(ctx, c, account.Invalidations(id), func(ctx context.Context, out account.InvalidationsOutput) {
		// The API lists the latest first (API reference of ListInvalidations).
		for i, inv := range out.InvalidationList.Items {
			if i < maxInvalidations {
				c.Want(ctx, account.Invalidation(id, aws.ToString(inv.Id)))
			}
		}
	})
	then(ctx, c, account.Distribution(id), func(ctx context.Context, out account.DistributionOutput) {
		if w := newWalk(c, id, req, out.Distribution); w != nil {
			w.all(ctx)
		}
	})
}

// walk is the collection for one distribution and one request.
type walk struct {
	c         *Collector
	id        string
	domain    string // d111111abcdef8.cloudfront.net; empty for a multi-tenant distribution
	account   string
	partition string
	req       request.Request
	config    *types.DistributionConfig
	behaviors []types.CacheBehavior // in the order in which CloudFront tries them, the default last
}

// newWalk prepares the collection, or returns nil for an answer without a configuration.
func newWalk(c *Collector, id string, req request.Request, d types.Distribution) *walk {
	if d.DistributionConfig == nil {
		return nil
	}
	w := &walk{
		c: c, id: id, req: req, config: d.DistributionConfig, partition: "aws",
		domain:    cloudfront.NormalizeHost(aws.ToString(d.DomainName)),
		behaviors: behaviorsOf(d.DistributionConfig),
	}
	if arn, err := cloudfront.ParseDistributionARN(aws.ToString(d.ARN)); err == nil {
		w.account, w.partition = arn.Account, arn.Partition
		c.setAccount(arn.Account)
	}
	return w
}

// all asks for what the distribution's configuration names.
func (w *walk) all(ctx context.Context) {
	functions := w.edge(ctx)
	w.c.Want(ctx, MetricData(w.c.world.Now, w.id, functions))
	w.viewer(ctx)
	w.webACL(ctx, aws.ToString(w.config.WebACLId))
	w.deployment(ctx)
	w.logging(ctx)
	for _, o := range w.origins() {
		if !cloudfront.Parametrised(o) {
			w.origin(ctx, o)
		}
	}
}

// behaviorsOf lists a distribution's cache behaviors in the order in which CloudFront tries them. The default one comes last, as the
// behavior of the pattern "*" (DG/DownloadDistValuesCacheBehavior).
func behaviorsOf(config *types.DistributionConfig) []types.CacheBehavior {
	var out []types.CacheBehavior
	if config.CacheBehaviors != nil {
		out = slices.Clone(config.CacheBehaviors.Items)
	}
	d := config.DefaultCacheBehavior
	if d == nil {
		return out
	}
	return append(out, types.CacheBehavior{
		PathPattern:                aws.String("*"),
		TargetOriginId:             d.TargetOriginId,
		CachePolicyId:              d.CachePolicyId,
		OriginRequestPolicyId:      d.OriginRequestPolicyId,
		ResponseHeadersPolicyId:    d.ResponseHeadersPolicyId,
		FieldLevelEncryptionId:     d.FieldLevelEncryptionId,
		RealtimeLogConfigArn:       d.RealtimeLogConfigArn,
		FunctionAssociations:       d.FunctionAssociations,
		LambdaFunctionAssociations: d.LambdaFunctionAssociations,
		TrustedKeyGroups:           d.TrustedKeyGroups,
	})
}

func (w *walk) origins() []types.Origin {
	if w.config.Origins == nil {
		return nil
	}
	return w.config.Origins.Items
}

// behaviorFor returns the cache behavior that takes a path.
func (w *walk) behaviorFor(path string) (types.CacheBehavior, bool) {
	path = cloudfront.NormalizePath(path)
	for _, b := range w.behaviors {
		if cloudfront.Compile(aws.ToString(b.PathPattern)).Match(path) {
			return b, true
		}
	}
	return types.CacheBehavior{}, false
}

// leadsTo reports whether a behavior sends its requests to an origin, by itself or through an origin group.
func (w *walk) leadsTo(b types.CacheBehavior, originID string) bool {
	target := aws.ToString(b.TargetOriginId)
	if target == originID {
		return true
	}
	if w.config.OriginGroups == nil {
		return false
	}
	for _, g := range w.config.OriginGroups.Items {
		if aws.ToString(g.Id) == target && g.Members != nil {
			return slices.ContainsFunc(g.Members.Items, func(m types.OriginGroupMember) bool { return aws.ToString(m.OriginId) == originID })
		}
	}
	return false
}

// deployment asks for the traffic split and for the staging distribution, which the policy names by its domain only.
func (w *walk) deployment(ctx context.Context) {
	id := aws.ToString(w.config.ContinuousDeploymentPolicyId)
	if id == "" {
		return
	}
	then(ctx, w.c, account.ContinuousDeploymentPolicy(id), func(ctx context.Context, out account.ContinuousDeploymentPolicyOutput) {
		config := out.ContinuousDeploymentPolicy.ContinuousDeploymentPolicyConfig
		if config == nil || config.StagingDistributionDnsNames == nil {
			return
		}
		staging := config.StagingDistributionDnsNames.Items
		then(ctx, w.c, account.Distributions(), func(ctx context.Context, all account.DistributionsOutput) {
			for _, d := range all.DistributionList.Items {
				if slices.ContainsFunc(staging, func(name string) bool { return strings.EqualFold(name, aws.ToString(d.DomainName)) }) {
					w.c.Want(ctx, account.Distribution(aws.ToString(d.Id)))
				}
			}
		})
	})
}

// logging asks for what decides whether standard logs (legacy) arrive: the log bucket must exist and take ACLs
// (DG/standard-logging-legacy-s3).
func (w *walk) logging(ctx context.Context) {
	if l := w.config.Logging; l != nil && aws.ToBool(l.Enabled) {
		if e := cloudfront.ClassifyEndpoint(aws.ToString(l.Bucket)); e.IsS3() && e.Name != "" {
			w.c.Want(ctx, account.Bucket(e.Name), account.BucketACL(e.Name), account.OwnershipControls(e.Name))
			w.bucketEncryption(ctx, e)
		}
	}
}

// wantEach asks for one read per distinct id that is not empty.
func wantEach[T any](ctx context.Context, c *Collector, read func(string) evidence.Read[T], ids ...*string) {
	for _, id := range ids {
		if aws.ToString(id) != "" {
			c.Want(ctx, read(*id))
		}
	}
}
