package edge

import "cfdoctor/internal/account"

var enabledStage = &Stage{
	ID:    "enabled",
	Title: "The distribution is enabled",
	Doc: "A disabled distribution accepts no requests; which status the viewer gets is not documented, 403 is the likeliest. While a change is being " +
		"deployed, edge locations may still work by the configuration before it.",
	Sources: []string{"DG/DownloadDistValuesGeneral", "DG/HowToUpdateDistribution", "DG/distribution-config-options"},
	Run:     runEnabled,
}

func runEnabled(x *Exchange) Step {
	m := x.Model
	if !deref(m.Config.Enabled) {
		return x.disabled("The distribution is disabled").WithEvidence(m.Ref("Enabled", "false", ""))
	}
	if t := x.Host.tenant(); t != nil {
		if t.Enabled != nil && !*t.Enabled {
			return x.disabled("The distribution tenant is disabled").WithEvidence(x.Host.TenantFact.Ref("DistributionTenant.Enabled").With("false", ""))
		}
		group := m.connectionGroup(x.Host)
		if on := group.Or(account.ConnectionGroupOutput{}).ConnectionGroup.Enabled; on != nil && !*on {
			return x.disabled("The tenant's connection group is disabled").WithEvidence(group.Ref("ConnectionGroup.Enabled").With("false", ""))
		}
	}
	if str(m.Distribution.Status) == "InProgress" {
		x.weakly("an edge location still works by the configuration before the last change, which is being deployed", 0)
		step := x.Pass("The distribution is enabled; its last change is still being deployed")
		return step.WithEvidence(m.Ref("Enabled", "true", ""), m.Fact.Ref("Status").With("InProgress", "the change is not everywhere yet"))
	}
	step := x.Pass("The distribution is enabled")
	if x.Explain {
		step = step.WithEvidence(m.Ref("Enabled", "true", ""))
	}
	return step
}

// disabled stops the request. That nothing is served is documented, the status is not.
func (x *Exchange) disabled(summary string) Step {
	x.possibly(Alternative{If: "CloudFront closes the connection, or its domain name no longer resolves, rather than answering"})
	return x.Stop(403, ByCloudFront, summary)
}
