package signed

import (
	"strings"
	"time"

	"cfdoctor/internal/tri"
)

func (n *run) times() {
	p := n.out.Policy
	if p == nil || n.r.Now.IsZero() {
		why := "the time of the request is not known"
		if p == nil {
			why = "no policy could be read"
		}
		n.add(NotExpired, tri.Unknown, why)
		n.add(Started, tri.Unknown, why)
		return
	}
	now := n.r.Now.Unix()
	if p.Ends.IsZero() {
		n.add(NotExpired, tri.Unknown, "the end of validity could not be read")
	} else {
		detail := ""
		if now >= p.Ends.Unix() {
			detail = "it was valid until " + stamp(p.Ends)
		}
		n.compare(NotExpired, tri.Of(now < p.Ends.Unix()), detail, stamp(n.r.Now), "before "+stamp(p.Ends))
	}
	switch {
	case p.Starts.IsZero():
		n.add(Started, tri.True, "")
	case now > p.Starts.Unix():
		n.compare(Started, tri.True, "", stamp(n.r.Now), "after "+stamp(p.Starts))
	default:
		n.compare(Started, tri.False, "it is valid only after "+stamp(p.Starts), stamp(n.r.Now), "after "+stamp(p.Starts))
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (n *run) address() {
	p, ip := n.out.Policy, n.r.ClientIP.Unmap()
	switch {
	case p == nil:
		n.add(Address, tri.Unknown, "no policy could be read")
	case !p.Source.IsValid():
		n.add(Address, tri.True, "")
	case !ip.IsValid():
		n.compare(Address, tri.Unknown, "the policy admits "+p.Source.String()+" only, and the viewer's address is not known", "", p.Source.String())
	case p.Source.Contains(ip):
		n.compare(Address, tri.True, "", ip.String(), p.Source.String())
	case ip.Is6() && p.Source.Bits() == 0:
		n.compare(Address, tri.Unknown, "the policy admits every IPv4 address, and the guide does not say what it means for an IPv6 viewer", ip.String(), p.Source.String())
	case ip.Is6():
		n.hint("a policy with IpAddress cannot admit IPv6 viewers: switch IPv6 off on the distribution")
		n.compare(Address, tri.False, "the viewer comes over IPv6, and signed policies know IPv4 only", ip.String(), p.Source.String())
	default:
		n.compare(Address, tri.False, "the viewer is not in the policy's address range", ip.String(), p.Source.String())
	}
}

func (n *run) resource() {
	p, got := n.out.Policy, n.url.String()
	switch {
	case p == nil:
		n.add(Resource, tri.Unknown, "no policy could be read")
	case n.out.SignedFor != "" && strings.EqualFold(n.out.SignedFor, got) && n.out.Differs == SectionDomain:
		n.compare(Resource, tri.Unknown, "the signature was made for the name in other letter case, and the guide does not say which one CloudFront compares", got, n.out.SignedFor)
	case n.out.SignedFor != "":
		n.compare(Resource, tri.False, "the signature was made for another URL: the "+string(n.out.Differs)+" differs", got, n.out.SignedFor)
	case p.Canned && n.genuine:
		n.add(Resource, tri.True, "")
	case p.Canned:
		n.add(Resource, tri.Unknown, "the URL of a canned policy is known only through its signature")
	case !p.HasResource:
		n.add(Resource, tri.True, "the policy has no Resource and covers every URL")
	default:
		n.customResource(p, got)
	}
}

func (n *run) customResource(p *Policy, got string) {
	ok, section := matchResource(p.Resource, n.url)
	detail := ""
	switch {
	case ok.No() && section == "":
		detail = "the policy's Resource does not begin with http://, https:// or *"
	case ok.No():
		detail = "the " + string(section) + " is not the policy's"
	case !ok.Known():
		detail = "whether the policy's Resource covers the URL depends on readings of ?, case or encoding that the guide does not settle"
	}
	if ok.No() && n.genuine {
		n.out.SignedFor, n.out.Differs = p.Resource, section
		n.hintOtherHost(p)
	}
	n.compare(Resource, ok, detail, got, p.Resource)
}
