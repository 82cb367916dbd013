package edge

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/request"
)

// Model is a distribution compiled for simulation: behaviors in order, origins with what is known around them. It is safe for concurrent use.
type Model struct {
	World        *evidence.World
	Distribution types.Distribution
	Config       types.DistributionConfig
	Fact         evidence.Fact[account.DistributionOutput] // where the two above come from
	Behaviors    []*Behavior                               // in CloudFront's order, the default behavior last
	Origins      []*Origin
	Groups       []*OriginGroup

	pipeline pipeline
	programs *programs // shared by the models of edited worlds
	shared   modelData // what single stages compile once
	idle     sync.Pool // *Exchange, for predictions
}

// Behavior is one cache behavior with its policies.
type Behavior struct {
	Index       int    // position in the list; the default behavior's is the number of the others
	Default     bool   // the default behavior, "*"
	PathPattern string // as written; "*" for the default
	Field       string // where it stands in the configuration, for evidence
	Pattern     cloudfront.Pattern
	Config      types.CacheBehavior

	// The policies. Where the behavior names none the fact is absent; a managed policy that was not read is taken from
	// AWS's published settings.
	CachePolicy           evidence.Fact[types.CachePolicyConfig]
	OriginRequestPolicy   evidence.Fact[types.OriginRequestPolicyConfig]
	ResponseHeadersPolicy evidence.Fact[types.ResponseHeadersPolicyConfig]

	data behaviorData
}

// Origin is one origin with the ways into it.
type Origin struct {
	ID       string
	Index    int
	Field    string // where it stands in the configuration, for evidence
	Config   types.Origin
	Endpoint cloudfront.Endpoint
	// OAC is the origin access control's configuration, absent where the origin names none.
	OAC evidence.Fact[types.OriginAccessControlConfig]
	// OAI is the id of the origin access identity, "" for none.
	OAI string

	data originData
}

// OriginGroup is a pair of origins with failover between them.
type OriginGroup struct {
	ID     string
	Field  string
	Config types.OriginGroup
}

// lazy holds what a stage compiles once from the world and uses for every request.
type lazy[T any] struct {
	once sync.Once
	v    T
}

func (l *lazy[T]) get(compile func() T) T {
	l.once.Do(func() { l.v = compile() })
	return l.v
}

// Compile prepares a distribution for simulation. The error says that the distribution itself is not known.
func Compile(w *evidence.World, distributionID string) (*Model, error) {
	return compile(w, distributionID, &programs{})
}

// On prepares the same distribution in another world, such as one with a fix made. It is [Compile], but functions that the other world did not
// change are not loaded again.
func (m *Model) On(w *evidence.World) (*Model, error) {
	return compile(w, m.ID(), m.programs)
}

func compile(w *evidence.World, distributionID string, programs *programs) (*Model, error) {
	fact := account.Distribution(distributionID).In(w)
	out, ok := fact.Get()
	if !ok {
		return nil, fmt.Errorf("simulate: %s", fact.Why())
	}
	m := &Model{World: w, Distribution: out.Distribution, Fact: fact, pipeline: stages(), programs: programs}
	if out.Distribution.DistributionConfig != nil {
		m.Config = *out.Distribution.DistributionConfig
	}
	m.compileOrigins()
	m.compileBehaviors()
	return m, nil
}

// ID is the distribution's id.
func (m *Model) ID() string { return str(m.Distribution.Id) }

// ARN is the distribution's ARN.
func (m *Model) ARN() string { return str(m.Distribution.ARN) }

// Partition is the partition of AWS that the distribution is in: aws, aws-cn, …; "aws" where its ARN does not say.
func (m *Model) Partition() string {
	rest, _ := strings.CutPrefix(m.ARN(), "arn:")
	if partition, _, ok := strings.Cut(rest, ":"); ok && partition != "" {
		return partition
	}
	return "aws"
}

// DomainName is the distribution's own domain name.
func (m *Model) DomainName() string { return str(m.Distribution.DomainName) }

// Aliases lists the alternate domain names.
func (m *Model) Aliases() []string {
	if m.Config.Aliases == nil {
		return nil
	}
	return m.Config.Aliases.Items
}

// Ref points at a member of the distribution's configuration.
func (m *Model) Ref(field, value, note string) evidence.Ref {
	return m.Fact.Ref("DistributionConfig."+field).With(value, note)
}

// Origin returns the origin with an id.
func (m *Model) Origin(id string) (*Origin, bool) {
	for _, o := range m.Origins {
		if o.ID == id {
			return o, true
		}
	}
	return nil, false
}

// Group returns the origin group with an id.
func (m *Model) Group(id string) (*OriginGroup, bool) {
	for _, g := range m.Groups {
		if g.ID == id {
			return g, true
		}
	}
	return nil, false
}

func (m *Model) compileOrigins() {
	if m.Config.Origins != nil {
		for i, config := range m.Config.Origins.Items {
			m.Origins = append(m.Origins, m.compileOrigin(i, config))
		}
	}
	if m.Config.OriginGroups != nil {
		for i, config := range m.Config.OriginGroups.Items {
			m.Groups = append(m.Groups, &OriginGroup{ID: str(config.Id), Field: "OriginGroups.Items[" + strconv.Itoa(i) + "]", Config: config})
		}
	}
}

func (m *Model) compileOrigin(index int, config types.Origin) *Origin {
	o := &Origin{
		ID: str(config.Id), Index: index, Field: "Origins.Items[" + strconv.Itoa(index) + "]", Config: config,
		Endpoint: cloudfront.ClassifyEndpoint(str(config.DomainName)),
		OAC:      evidence.None[types.OriginAccessControlConfig](m.Fact.Ref("").Call, "origin "+str(config.Id)),
	}
	if id := str(config.OriginAccessControlId); id != "" {
		o.OAC = evidence.Map(account.OriginAccessControl(id).In(m.World), func(out account.OriginAccessControlOutput) types.OriginAccessControlConfig {
			if out.OriginAccessControl.OriginAccessControlConfig == nil {
				return types.OriginAccessControlConfig{}
			}
			return *out.OriginAccessControl.OriginAccessControlConfig
		})
	}
	if config.S3OriginConfig != nil {
		o.OAI = trimOAI(str(config.S3OriginConfig.OriginAccessIdentity))
	}
	return o
}

func (m *Model) compileBehaviors() {
	if m.Config.CacheBehaviors != nil {
		for i, config := range m.Config.CacheBehaviors.Items {
			m.Behaviors = append(m.Behaviors, m.compileBehavior(i, config, "CacheBehaviors.Items["+strconv.Itoa(i)+"]"))
		}
	}
	if m.Config.DefaultCacheBehavior != nil {
		b := m.compileBehavior(len(m.Behaviors), defaultAsBehavior(*m.Config.DefaultCacheBehavior), "DefaultCacheBehavior")
		b.Default = true
		m.Behaviors = append(m.Behaviors, b)
	}
}

func (m *Model) compileBehavior(index int, config types.CacheBehavior, field string) *Behavior {
	pattern := str(config.PathPattern)
	b := &Behavior{Index: index, PathPattern: pattern, Field: field, Pattern: cloudfront.Compile(pattern), Config: config}
	call := m.Fact.Ref("").Call
	b.CachePolicy = policyFact(call, b, str(config.CachePolicyId), cloudfront.ManagedCachePolicy, func(id string) evidence.Fact[types.CachePolicyConfig] {
		return evidence.Map(account.CachePolicy(id).In(m.World), func(out account.CachePolicyOutput) types.CachePolicyConfig {
			return deref(out.CachePolicy.CachePolicyConfig)
		})
	})
	b.OriginRequestPolicy = policyFact(call, b, str(config.OriginRequestPolicyId), cloudfront.ManagedOriginRequestPolicy, func(id string) evidence.Fact[types.OriginRequestPolicyConfig] {
		return evidence.Map(account.OriginRequestPolicy(id).In(m.World), func(out account.OriginRequestPolicyOutput) types.OriginRequestPolicyConfig {
			return deref(out.OriginRequestPolicy.OriginRequestPolicyConfig)
		})
	})
	b.ResponseHeadersPolicy = policyFact(call, b, str(config.ResponseHeadersPolicyId), cloudfront.ManagedResponseHeadersPolicy, func(id string) evidence.Fact[types.ResponseHeadersPolicyConfig] {
		return evidence.Map(account.ResponseHeadersPolicy(id).In(m.World), func(out account.ResponseHeadersPolicyOutput) types.ResponseHeadersPolicyConfig {
			return deref(out.ResponseHeadersPolicy.ResponseHeadersPolicyConfig)
		})
	})
	return b
}

// policyFact resolves one policy of a behavior: absent where it names none, AWS's published settings where a managed one was not read.
func policyFact[T any](call string, b *Behavior, id string, managed func(string) (T, bool), read func(string) evidence.Fact[T]) evidence.Fact[T] {
	if id == "" {
		return evidence.None[T](call, "behavior "+b.PathPattern)
	}
	fact := read(id)
	if config, ok := managed(id); ok && fact.Missing() {
		return evidence.Published(fact, config)
	}
	return fact
}

// Simulate runs one request through the pipeline and explains every step.
func (m *Model) Simulate(r request.Request) *Trace { return m.simulate(r, true) }

// Predict runs one request without words or evidence: for simulating many.
func (m *Model) Predict(r request.Request) Outcome {
	x, _ := m.idle.Get().(*Exchange)
	if x == nil {
		x = &Exchange{}
	}
	x.start(m, r)
	x.through(nil)
	o := x.outcome()
	m.idle.Put(x)
	return o
}

func (m *Model) simulate(r request.Request, explain bool) *Trace {
	x := m.exchange(r, explain)
	steps := x.through(make([]Step, 0, 48))
	return &Trace{
		Outcome: x.outcome(), StoppedAt: x.stoppedAt, Alternatives: x.alternatives, Steps: steps,
		Behavior: x.Behavior, Origin: x.Origin, Exchange: x,
	}
}

func (m *Model) exchange(r request.Request, explain bool) *Exchange {
	x := &Exchange{Explain: explain}
	x.start(m, r)
	return x
}

// start makes the exchange ready for a request. What a request before it left behind goes, save the memory of its lists.
func (x *Exchange) start(m *Model, r request.Request) {
	if r.Host == "" {
		r.Host = m.DomainName()
	}
	*x = Exchange{Model: m, Viewer: r, Current: r, Explain: x.Explain, alternatives: x.alternatives[:0], ext: x.ext}
}

// through takes the exchange through all three phases.
func (x *Exchange) through(steps []Step) []Step {
	steps = x.run(x.Model.pipeline.viewer, steps)
	steps = x.run(x.Model.pipeline.origin, steps)
	return x.answer(x.Model.pipeline.answer, steps)
}

func defaultAsBehavior(d types.DefaultCacheBehavior) types.CacheBehavior {
	star := "*"
	return types.CacheBehavior{
		PathPattern: &star, TargetOriginId: d.TargetOriginId, ViewerProtocolPolicy: d.ViewerProtocolPolicy,
		AllowedMethods: d.AllowedMethods, CachePolicyId: d.CachePolicyId, Compress: d.Compress, DefaultTTL: d.DefaultTTL,
		FieldLevelEncryptionId: d.FieldLevelEncryptionId, ForwardedValues: d.ForwardedValues, FunctionAssociations: d.FunctionAssociations,
		GrpcConfig: d.GrpcConfig, LambdaFunctionAssociations: d.LambdaFunctionAssociations, MaxTTL: d.MaxTTL, MinTTL: d.MinTTL,
		OriginRequestPolicyId: d.OriginRequestPolicyId, RealtimeLogConfigArn: d.RealtimeLogConfigArn,
		ResponseHeadersPolicyId: d.ResponseHeadersPolicyId, SmoothStreaming: d.SmoothStreaming,
		TrustedKeyGroups: d.TrustedKeyGroups, TrustedSigners: d.TrustedSigners,
	}
}

// trimOAI turns "origin-access-identity/cloudfront/E123" into "E123" (API reference, S3OriginConfig).
func trimOAI(value string) string {
	const prefix = "origin-access-identity/cloudfront/"
	if len(value) > len(prefix) && value[:len(prefix)] == prefix {
		return value[len(prefix):]
	}
	return value
}

func str(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
