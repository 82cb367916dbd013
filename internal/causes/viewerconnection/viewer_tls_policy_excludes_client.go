package viewerconnection

import (
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var viewerTLSPolicyExcludesClient = &cause.Cause{
	ID:       "VIEWER_TLS_POLICY_EXCLUDES_CLIENT",
	Title:    "The security policy does not accept the client's version of TLS",
	Stage:    "viewer-connection",
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `The distribution's security policy says with which protocols and ciphers viewers may connect. A client that has none of them gets no connection: the handshake
fails, there is no HTTP status, and nothing is in the access log.`,
		Why:     `The policy was tightened, or is TLSv1.3_2025, and old devices, libraries or monitoring tools that end at TLS 1.0, 1.1 or 1.2 are still in use.`,
		Example: "MinimumProtocolVersion TLSv1.2_2021, and a payment terminal that knows TLS 1.1 at most.",
		References: []string{
			posture.Guide + "secure-connections-supported-viewer-protocols-ciphers.html",
			posture.Guide + "DownloadDistValuesGeneral.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		step, _ := p.Trace.Step("viewer-connection")
		ref, about := policyRef(step)
		client := p.Request.TLSVersion
		switch {
		case p.Request.Scheme == "http":
			return cause.RuleOut("over plain HTTP there is no TLS")
		case client == "":
			return cause.RuleOut("a current client has TLS 1.2 and 1.3, one of which every policy accepts")
		case !p.Trace.Reached("viewer-connection"):
			return cause.Need("the connection was not looked at")
		case about && p.StoppedHere():
			return cause.Confirm(p.DistributionName(), "The client has "+client+" at most, and the distribution's security policy "+ref.Value+" asks for more, so no connection comes about.",
				ref.Want(policyFor(client))).WithBecause("the policy and the client's newest version are both known").Explaining(!p.Symptom.Given)
		case about:
			return cause.Need("whether the security policy in force accepts " + client + " is not documented")
		}
		return cause.RuleOut("the security policy accepts the client's TLS version", step.Evidence...)
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		update := fix.Fix{
			Title: "Update the client", Complexity: fix.Advanced, Minutes: 240,
			Impact:      "None on other viewers",
			Explanation: "A client that knows TLS 1.2 or 1.3 connects under every policy, and is safer.",
			Manual:      []string{"Update the client's operating system, TLS library or runtime, or let it connect through a proxy that knows TLS 1.2."},
			Confidence:  fix.High,
		}
		policy := policyFor(p.Request.TLSVersion)
		if policy == "" || ownCertificate(p) {
			return []fix.Fix{update}
		}
		lower := fix.Fix{
			Title: "Accept the client: set the security policy to " + policy, Complexity: fix.Quick, Minutes: 15,
			Impact:      "None on viewers who connect now: they go on with the newest version that they have",
			Explanation: "It is the strictest policy that accepts " + p.Request.TLSVersion + ".",
			SideEffects: []string{"Every viewer may use " + p.Request.TLSVersion + " from then on, not this client alone"},
			Changes:     []fix.Change{fix.EditDistribution(p.Model.ID(), fix.SetMinimumProtocolVersion(policy))},
			Confidence:  fix.High,
		}
		if policy != recommendedPolicy {
			lower.Compromise = true
			lower.SideEffects = []string{"Old versions of TLS have known weaknesses, and audits such as PCI DSS forbid them: every viewer may use them from then on, so make it for a time only"}
		}
		return []fix.Fix{lower, update}
	},
}

// policyRef finds the security policy among what the stage went by.
func policyRef(step edge.Step) (evidence.Ref, bool) {
	for _, r := range step.Evidence {
		if strings.HasSuffix(r.Field, "ViewerCertificate.MinimumProtocolVersion") {
			return r, true
		}
	}
	return evidence.Ref{}, false
}

// policyFor is the strictest policy that accepts a client's newest version (DG/secure-connections-supported-viewer-protocols-ciphers); "" for
// none that a certificate shown by server name can have.
func policyFor(version string) string {
	switch strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(version)), "tls"), "v") {
	case "1", "1.0":
		return "TLSv1_2016"
	case "1.1":
		return "TLSv1.1_2016"
	case "1.2":
		return recommendedPolicy
	}
	return ""
}
