package originaccess

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var webSocketOrGRPCNotSupported = &cause.Cause{
	ID:       "WEBSOCKET_OR_GRPC_NOT_SUPPORTED",
	Title:    "The behavior or the origin does not support WebSocket or gRPC",
	Stage:    "origin-access",
	Symptoms: []int{400, 403, 405, 426, 464, 502},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `WebSocket needs the handshake's headers (Sec-WebSocket-Key and Sec-WebSocket-Version above all) to reach an origin that speaks it, over HTTP/1.1. gRPC has
to be switched on for the behavior, and needs HTTP/2 on the distribution, all methods allowed, and HTTPS to the origin. Where one is missing, the
connection is refused with a 4xx, or with 502.`,
		Why:     "The behavior was made for ordinary requests; gRPC is off unless it is chosen; buckets and function URLs speak neither.",
		Example: "A WebSocket handshake at a behavior without an origin request policy.",
		References: []string{
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-working-with.websockets.html",
			"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-using-grpc.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		upgrade, _ := p.Request.Header("Upgrade")
		content, _ := p.Request.Header("Content-Type")
		b, o := passage.Behavior(p), passage.Origin(p)
		webSocket, grpc := strings.EqualFold(upgrade, "websocket"), strings.HasPrefix(content, "application/grpc")
		switch {
		case !webSocket && !grpc:
			return cause.RuleOut("the request is neither WebSocket nor gRPC")
		case b == nil || o == nil:
			return cause.RuleOut("the request leads to no origin")
		}
		var problems []obstacle
		var gaps []evidence.Gap
		kind := "gRPC"
		if grpc {
			problems = grpcObstacles(p, b, o)
		} else {
			kind = "WebSocket"
			problems, gaps = webSocketObstacles(p, b, o)
		}
		if len(problems) == 0 {
			if len(gaps) > 0 {
				return cause.Need("the policies that decide about headers were not read", gaps...)
			}
			if v := targetsUnread(p); grpc && v.IsNotChecked() {
				return v
			}
			return cause.RuleOut("the behavior and the origin are set up for "+kind, p.Model.Ref(b.Field, "", ""))
		}
		var reasons []string
		var refs []evidence.Ref
		for _, o := range problems {
			reasons, refs = append(reasons, o.why), append(refs, o.ref)
		}
		return cause.Confirm(p.BehaviorName(b), fmt.Sprintf("%s cannot work here: %s.", kind, strings.Join(reasons, "; ")), refs...).
			WithBecause("the request is " + kind + ", and the settings are known").With(problems).
			Explaining(p.Symptom.Given && p.Symptom.Code >= 400 && p.Asked)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		problems, _ := v.Data.([]obstacle)
		f := fix.Fix{
			Title:       "Set the behavior up for it",
			Complexity:  fix.Standard,
			Minutes:     20,
			Impact:      "None while it deploys",
			Explanation: "It sets what the protocol needs, and leaves the rest of the behavior as it is.",
			SideEffects: []string{"More of what the viewer sends reaches the origin"},
			Confidence:  fix.Medium,
		}
		var edits []fix.Edits
		for _, o := range problems {
			if o.edit == nil {
				f.Manual = append(f.Manual, "Not a setting of the behavior: "+o.why)
			}
			edits = append(edits, o.edit)
		}
		if len(f.Manual) == 0 {
			f.Changes = []fix.Change{fix.EditDistribution(p.Model.ID(), edits...)}
		} else {
			f.Manual = append(f.Manual, "Send these requests to a behavior whose origin is a web server or load balancer that speaks the protocol")
		}
		return []fix.Fix{f}
	},
}

// obstacle is one thing that keeps a protocol from working; edit takes it away, nil where no setting does.
type obstacle struct {
	why  string
	ref  evidence.Ref
	edit fix.Edits
}

// speaksNothing names origins that know ordinary requests only.
func speaksNothing(o *edge.Origin) bool {
	return o.Endpoint.IsS3() || o.Endpoint.Kind == cloudfront.KindLambdaURL
}

// grpcObstacles are DG/distribution-using-grpc's conditions.
func grpcObstacles(p *cause.Pass, b *edge.Behavior, o *edge.Origin) []obstacle {
	var out []obstacle
	if speaksNothing(o) {
		out = append(out, obstacle{why: "the origin does not speak gRPC", ref: p.Model.Ref(o.Field+".DomainName", o.Endpoint.Domain, "")})
	}
	if !allows(b, "POST") {
		out = append(out, obstacle{"gRPC needs POST, which the behavior does not allow", p.Model.Ref(b.Field+".AllowedMethods", "", "POST is missing"),
			fix.SetAllowedMethods(passage.Key(b), fix.AllMethods()...)})
	}
	if b.Config.GrpcConfig == nil || b.Config.GrpcConfig.Enabled == nil || !*b.Config.GrpcConfig.Enabled {
		out = append(out, obstacle{"gRPC is not switched on for the behavior", p.Model.Ref(b.Field+".GrpcConfig.Enabled", "false", "").Want("true"), switchOnGRPC(b)})
	}
	if version := p.Model.Config.HttpVersion; version != types.HttpVersionHttp2 && version != types.HttpVersionHttp2and3 {
		out = append(out, obstacle{"gRPC needs HTTP/2, which the distribution does not offer viewers", p.Model.Ref("HttpVersion", string(version), "").Want("http2"), fix.SetHTTPVersion("http2and3")})
	}
	if c := o.Config.CustomOriginConfig; c != nil && c.OriginProtocolPolicy == types.OriginProtocolPolicyHttpOnly {
		out = append(out, obstacle{"gRPC needs HTTPS to the origin", p.Model.Ref(o.Field+".CustomOriginConfig.OriginProtocolPolicy", "http-only", "").Want("https-only"),
			fix.SetOriginProtocolPolicy(o.ID, "https-only")})
	}
	if l := passage.Exchange(p).LoadBalancer; l != nil {
		if ref, refuses := l.RefusesGRPC(); refuses {
			out = append(out, obstacle{why: "the load balancer's target group takes HTTP/1.1 only, and gRPC needs a group made with the protocol version GRPC", ref: ref})
		}
	}
	return out
}

// targetsUnread is not-checked where the protocol version of the target groups behind the origin could decide, and is not known.
func targetsUnread(p *cause.Pass) cause.Verdict {
	x := passage.Exchange(p)
	l := x.LoadBalancer
	switch {
	case l == nil:
		return noBalancer(p, x)
	case l.Rules.Missing() || l.Targets.Missing():
		return cause.Need("which protocol the load balancer's target groups take is not known", l.Rules, l.Targets)
	}
	return cause.RuleOut("the target groups are known")
}

func switchOnGRPC(b *edge.Behavior) fix.Edits {
	path := fix.At("DefaultCacheBehavior")
	if !b.Default {
		path = fix.At("CacheBehaviors").Item("PathPattern", b.PathPattern)
	}
	return fix.Edits{{Path: path.Field("GrpcConfig", "Enabled"), Op: fix.Set, New: true,
		Label: "Behaviors tab: select the behavior, choose Edit; set Allow gRPC requests over HTTP/2 to Yes; choose Save changes"}}
}

func allows(b *edge.Behavior, method string) bool {
	if b.Config.AllowedMethods == nil {
		return false
	}
	for _, m := range b.Config.AllowedMethods.Items {
		if string(m) == method {
			return true
		}
	}
	return false
}

// webSocketObstacles are DG/distribution-working-with.websockets' conditions.
func webSocketObstacles(p *cause.Pass, b *edge.Behavior, o *edge.Origin) (out []obstacle, gaps []evidence.Gap) {
	if speaksNothing(o) {
		out = append(out, obstacle{why: "the origin does not speak WebSocket", ref: p.Model.Ref(o.Field+".DomainName", o.Endpoint.Domain, "")})
	}
	if version := p.Request.HTTPVersion; version == "HTTP/2.0" || version == "HTTP/3.0" {
		out = append(out, obstacle{why: "CloudFront takes WebSocket over HTTP/1.1 only, and the viewer uses " + version, ref: p.Model.Ref("HttpVersion", string(p.Model.Config.HttpVersion), "")})
	}
	x := passage.Exchange(p)
	for _, name := range []string{"Sec-WebSocket-Key", "Sec-WebSocket-Version"} {
		if _, sent := p.Request.Header(name); !sent || x.Forwarded.Host == "" {
			continue
		}
		sent := x.Forwarded.Sends(name)
		if !sent.Known() {
			return out, []evidence.Gap{b.OriginRequestPolicy, b.CachePolicy}
		}
		if sent.No() {
			policy := cloudfront.AllViewerID
			if o.Endpoint.NeedsOwnHost().Yes() {
				policy = cloudfront.AllViewerExceptHostHeaderID
			}
			return append(out, obstacle{"the handshake's header " + name + " does not reach the origin", b.OriginRequestPolicy.Ref("OriginRequestPolicyConfig.HeadersConfig").With("", name+" is not forwarded"),
				fix.SetOriginRequestPolicy(passage.Key(b), policy)}), nil
		}
	}
	return out, nil
}
