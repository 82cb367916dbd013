package distribution

import (
	"slices"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/tri"
)

// logs is where a distribution's requests are logged.
type logs struct {
	bucket   string // of the older standard logging; "" where that is off
	realtime *edge.Behavior
	// sources are the names of the distribution's delivery sources for access logs: standard logging (v2).
	sources []string
	// begun tells whether there is such a source, delivered whether logs go somewhere from one of them.
	begun, delivered tri.Bool

	sourceFact   evidence.Fact[account.DeliverySourcesOutput]
	deliveryFact evidence.Fact[account.DeliveriesOutput]
}

func logsOf(p *cause.Pass) logs {
	l := logs{sourceFact: account.DeliverySources().In(p.World), deliveryFact: account.Deliveries().In(p.World)}
	// A distribution that logs the new way only may have Enabled set, and no bucket.
	if c := p.Model.Config.Logging; c != nil && c.Enabled != nil && *c.Enabled && posture.Text(c.Bucket) != "" {
		l.bucket = cloudfront.ClassifyEndpoint(posture.Text(c.Bucket)).Name
		if l.bucket == "" {
			l.bucket = posture.Text(c.Bucket)
		}
	}
	for _, b := range p.Model.Behaviors {
		if posture.Text(b.Config.RealtimeLogConfigArn) != "" {
			l.realtime = b
			break
		}
	}
	l.readDeliveries(p.Model.ARN())
	return l
}

func (l *logs) readDeliveries(arn string) {
	sources, sourcesKnown := l.sourceFact.Get()
	for _, s := range sources.DeliverySources {
		if posture.Text(s.LogType) == "ACCESS_LOGS" && slices.Contains(s.ResourceArns, arn) {
			l.sources = append(l.sources, posture.Text(s.Name))
		}
	}
	deliveries, deliveriesKnown := l.deliveryFact.Get()
	found := false
	for _, d := range deliveries.Deliveries {
		found = found || slices.Contains(l.sources, posture.Text(d.DeliverySourceName))
	}
	switch {
	case sourcesKnown || l.sourceFact.IsAbsent():
		l.begun = tri.Of(len(l.sources) > 0)
	}
	switch {
	case found:
		l.delivered = tri.True
	case l.begun.No(), deliveriesKnown && len(deliveries.Deliveries) == 0, l.begun.Yes() && !l.deliveryFact.Missing():
		l.delivered = tri.False
	}
}
