package edge

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
)

// OriginSeen is what active validation saw of an origin's port and answers, each fact missing where nobody looked. The zero facts are those that this origin
// cannot be asked: it lies in a VPC, or its requests are signed.
type OriginSeen struct {
	TLS  evidence.Fact[observed.Handshake]
	HTTP evidence.Fact[observed.Answer]
}

// probed reports whether the world holds anything that active validation saw. Without it no stage looks.
func (m *Model) probed() bool {
	return m.shared.seen.get(func() bool {
		return slices.ContainsFunc(m.World.Records(), func(r evidence.Record) bool { return observed.IsProbe(r.Call) })
	})
}

// OriginAddresses are the questions that tell how an origin's name resolves; none for origins that are reached without public DNS.
func (m *Model) OriginAddresses(o *Origin) []evidence.Read[observed.DNSAnswer] {
	if !lookedUp(o) {
		return nil
	}
	return []evidence.Read[observed.DNSAnswer]{
		observed.DNS(observed.DNSQuestion{Name: o.Endpoint.Domain, Type: "A"}), observed.DNS(observed.DNSQuestion{Name: o.Endpoint.Domain, Type: "AAAA"}),
	}
}

func lookedUp(o *Origin) bool {
	return o.Config.VpcOriginConfig == nil && o.Endpoint.Kind != cloudfront.KindInvalid && o.Endpoint.Kind != cloudfront.KindIPAddress
}

// OriginHandshake is the handshake that CloudFront makes with a custom origin, with a server name; "" is the origin's domain name. Ok is false
// where there is none: the origin is asked over http only, is in a VPC, or is an AWS service whose certificate is AWS's.
func (m *Model) OriginHandshake(o *Origin, server string) (q evidence.Read[observed.Handshake], ok bool) {
	c := o.Config.CustomOriginConfig
	if c == nil || !lookedUp(o) || o.Endpoint.IsS3() || o.Endpoint.ServesHTTPS().Yes() || c.OriginProtocolPolicy == types.OriginProtocolPolicyHttpOnly || len(o.sslProtocols()) == 0 {
		return q, false
	}
	if server == "" {
		server = o.Endpoint.Domain
	}
	return observed.TLS(observed.TLSQuestion{Host: o.Endpoint.Domain, Port: portOr(c.HTTPSPort, 443), ServerName: server, Protocols: o.sslProtocols()}), true
}

// ForwardedProbe is the request that CloudFront sends to the exchange's origin, as a question. Ok is false where it cannot be sent from outside:
// CloudFront signs it, the origin is in a VPC or a bucket, it is no GET, HEAD or OPTIONS, or a policy that decides about it was not read.
//
// The values of the origin's custom headers and of credentials are withheld; see [observed.HTTPQuestion].
func (x *Exchange) ForwardedProbe() (q evidence.Read[observed.Answer], ok bool) {
	o := &x.Forwarded
	if x.Origin == nil || x.Origin.Config.CustomOriginConfig == nil || !lookedUp(x.Origin) || x.Origin.Endpoint.IsS3() || o.Address == "" ||
		o.Signed || x.Signing == SigningUnknown || !o.HeadersKnown {
		return q, false
	}
	if o.Method != "GET" && o.Method != "HEAD" && o.Method != "OPTIONS" || x.webSocket() {
		return q, false
	}
	h := observed.HTTPQuestion{
		Scheme: o.Scheme, Host: o.Address, Port: o.Port, HostHeader: o.Host, ServerName: o.SNI, Method: o.Method, Path: o.Path, Wait: x.Origin.ReadTimeout() + 1,
	}
	if o.Query != "" {
		h.Path += "?" + o.Query
	}
	o.complete()
	for _, header := range o.Headers {
		switch {
		case strings.EqualFold(header.Name, "Connection"):
		case evidence.IsSecretHeader(header.Name) || x.Origin.sets(header.Name):
			h.Withheld = append(h.Withheld, header.Name)
		default:
			h.Headers = append(h.Headers, header.Name+": "+placeholders.Replace(header.Value))
		}
	}
	return observed.HTTP(h), true
}

// placeholders are the values of Via and X-Amz-Cf-Id that differ from request to request (package cloudfront, OriginHeaders).
var placeholders = strings.NewReplacer("<version>", "1.1", "<id>", "probe", "<request id>", "probe")

// seenDNS is what public DNS says of an origin's name.
func (m *Model) seenDNS(o *Origin) (a, aaaa evidence.Fact[observed.DNSAnswer]) {
	if reads := m.OriginAddresses(o); len(reads) == 2 {
		return reads[0].In(m.World), reads[1].In(m.World)
	}
	return a, aaaa
}

// seenTLS is the handshake that was seen with the exchange's origin.
func (x *Exchange) seenTLS() (fact evidence.Fact[observed.Handshake]) {
	if q, ok := x.Model.OriginHandshake(x.Origin, x.Forwarded.SNI); ok {
		fact = q.In(x.Model.World)
	}
	return fact
}

// seenHTTP is the answer that was seen to the exchange's request.
func (x *Exchange) seenHTTP() (fact evidence.Fact[observed.Answer]) {
	if q, ok := x.ForwardedProbe(); ok {
		fact = q.In(x.Model.World)
	}
	return fact
}

// look gathers what was seen of the exchange's origin. It allocates nothing where nobody looked.
func (x *Exchange) look() {
	x.Seen = &x.ext.seen
	*x.Seen = OriginSeen{}
	if !x.Model.probed() && !x.Explain {
		return
	}
	if x.Forwarded.Scheme == "https" {
		x.Seen.TLS = x.seenTLS()
	}
	x.Seen.HTTP = x.seenHTTP()
}
