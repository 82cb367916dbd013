package fix

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// SetListenerSSLPolicy sets the security policy of a load balancer's HTTPS or TLS listener: the TLS versions and ciphers that it takes
// (ELB/describe-ssl-policies). ModifyListener leaves every member that is not named (API reference of Elastic Load Balancing). Old is the
// policy before, "" where it is not known.
func SetListenerSSLPolicy(loadBalancer, listener, policy, old string) Change {
	set := func(purpose string, policy any) call {
		return onListener(listener, purpose, "ModifyListener", param{"ListenerArn", listener}, param{"SslPolicy", policy})
	}
	var undo []call
	if old != "" {
		undo = []call{set("Give the listener its old security policy", old)}
	}
	return simple{
		resource: "security policy of listener " + printable(listener), touches: "listener",
		console: []string{"Open the Amazon EC2 console in the Region " + show(account.RegionOf(listener)) + ", choose Load Balancers, the load balancer " + show(loadBalancer) +
			", and on the Listeners and rules tab the listener " + show(listener) + "; on its Security tab choose Edit secure listener settings, set Security policy to " +
			show(policy) + " and choose Save changes"},
		calls: []call{set("Set the listener's security policy", policy)},
		undo:  undo,
		check: onListener(listener, "Read the listener", "DescribeListeners", param{"ListenerArns", []string{listener}}),
		look:  Look{Path: []string{"Listeners", "0"}, Keep: []string{"SslPolicy"}},
		want:  map[string]any{"SslPolicy": policy},
		back: func(before any) []call {
			return []call{set("Give the listener its old security policy", objectOf(before)["SslPolicy"])}
		},
		expect: "SslPolicy is " + printable(policy),
		test:   fmt.Sprintf(".Listeners[0].SslPolicy == %s", text(policy)),
		diff: func(*evidence.World) []DiffLine {
			return []DiffLine{{Resource: "listener " + printable(listener), Path: "SslPolicy", Old: printable(old), New: printable(policy)}}
		},
		effect: func(w *evidence.World) {
			read := account.Listeners(loadBalancer)
			answer, known := read.In(w).Get()
			if !known {
				return
			}
			answer.Listeners = slices.Clone(answer.Listeners)
			for i := range answer.Listeners {
				if aws.ToString(answer.Listeners[i].ListenerArn) == listener {
					answer.Listeners[i].SslPolicy = aws.String(policy)
				}
			}
			read.Set(w, answer)
		},
	}
}

// onListener is a call of Elastic Load Balancing in a listener's Region.
func onListener(listener, purpose, operation string, params ...param) call {
	return call{purpose: purpose, service: "elbv2", operation: operation, region: account.RegionOf(listener), params: params}
}
