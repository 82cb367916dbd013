package apply

import "cfdoctor/internal/fix"

const (
	balancerARN = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/a/b"
	listenerARN = "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/a/b/c"
)

// kindsAround are one change of each kind of resource around CloudFront.
func kindsAround() map[string][]fix.Change {
	return map[string][]fix.Change{
		"listener": {fix.SetListenerSSLPolicy(balancerARN, listenerARN, "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "")},
	}
}

// around is the state of the resources around CloudFront.
func (f *fake) around() {
	f.state["listener"] = map[string]any{"ListenerArn": listenerARN, "SslPolicy": "ELBSecurityPolicy-2016-08"}
}

// answerAround answers the reads of the resources around CloudFront; ok is false for what is none of these.
func (f *fake) answerAround(operation string, p map[string]any) (out any, ok bool) {
	switch operation {
	case "DescribeListeners":
		return map[string]any{"Listeners": []any{f.state["listener"]}}, true
	}
	return nil, false
}

func (f *fake) changeAround(operation string, p map[string]any) error {
	switch operation {
	case "ModifyListener":
		f.put("listener", map[string]any{"ListenerArn": p["ListenerArn"], "SslPolicy": p["SslPolicy"]})
	default:
		f.t.Errorf("the account has no %s", operation)
	}
	return nil
}
