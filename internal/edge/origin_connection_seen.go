package edge

import (
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
)

// connectSeen sharpens what the account's facts say of a connection by one that was made from outside. Before is how many alternatives there
// were before this stage.
//
// It never overrules a firewall: what lets this computer in may keep CloudFront out, and the reverse. A refusal is another matter: firewalls of
// AWS drop packets and refuse none (VPC/vpc-security-groups), so that a closed port is closed for CloudFront too.
func (x *Exchange) connectSeen(c *Connection, step Step, before int) Step {
	if !x.connectionSeen(c) || step.Verdict == Stop {
		return step
	}
	switch {
	case c.Seen == observed.Refused:
		x.alternatives = x.alternatives[:before]
		if c.Problem == "" {
			c.Problem = ProblemRefused
		}
		x.uncertain, x.failed = false, connectFailed
		return x.Stop(502, ByCloudFront, "Nothing listens on port %s of the origin: it refuses connections", x.digits(c.Port)).
			WithEvidence(c.SeenAt).WithEvidence(step.Evidence...)
	case x.stopped:
		return step
	case c.Seen == observed.Timeout:
		x.alternatives = x.alternatives[:before]
		return x.Unsure(Alternative{Status: 504, If: "what keeps the connections of this computer out keeps CloudFront's out too"},
			"The origin does not answer on port %s; its firewall may let CloudFront in and nobody else", x.digits(c.Port)).
			WithEvidence(c.SeenAt).WithEvidence(step.Evidence...)
	case !c.Connected:
		return step
	}
	sure := true
	for i := before; i < len(x.alternatives); i++ {
		sure = sure && x.alternatives[i].Weak
	}
	if !sure {
		step.Evidence = append(step.Evidence, c.SeenAt)
		return step
	}
	x.alternatives = x.alternatives[:before]
	return x.Pass("The origin takes connections on port %s", x.digits(c.Port)).WithEvidence(c.SeenAt).WithEvidence(step.Evidence...)
}

// connectionSeen finds out how a connection to the origin's port went, by the handshake or the request that was made over it.
func (x *Exchange) connectionSeen(c *Connection) bool {
	if h, ok := x.Seen.TLS.Get(); ok {
		c.see(h.Failure, h.Error, h.Address, x.Seen.TLS.Ref("Failure"))
	} else if a, ok := x.Seen.HTTP.Get(); ok {
		c.see(a.Failure, a.Error, a.Address, x.Seen.HTTP.Ref("Failure"))
	}
	return c.SeenAt.Call != ""
}

func (c *Connection) see(f observed.Failure, words, address string, ref evidence.Ref) {
	if f.Connects() {
		ref.Field = "Address"
		c.Connected, c.SeenAt = true, ref.With(address, "connected")
		return
	}
	c.Seen, c.SeenAt = f, ref.With(string(f), words)
}
