package edge

import (
	"strconv"

	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/tri"
)

var originConnection = &Stage{
	ID:    "origin-connection",
	Title: "Connection to the origin",
	Doc: "CloudFront opens a TCP connection to the origin's port: three attempts of ten seconds unless set otherwise. A refused connection is a 502; " +
		"a firewall or security group that drops CloudFront's packets, or an address that the internet does not reach, is a 504. Whether a load " +
		"balancer refuses or drops connections to a port without a listener is not documented.",
	Sources: []string{
		"DG/http-502-bad-gateway", "DG/http-504-gateway-timeout", "DG/LocationsOfEdgeServers", "DG/private-content-vpc-origins", "DG/DownloadDistValuesOrigin",
	},
	Run: runOriginConnection,
}

// originFailure is how CloudFront failed to get an answer: what an origin group counts as 503 or 504.
type originFailure uint8

const (
	answered      originFailure = iota // the origin answered, or nobody knows better
	connectFailed                      // refused, not resolved, or no handshake
	timedOut                           // no answer in time
)

// ConnectionProblem names what keeps CloudFront from the origin's port.
type ConnectionProblem string

// The problems. The empty one means that none is known.
const (
	ProblemNoListener     ConnectionProblem = "no-listener"     // the load balancer has no listener on the port
	ProblemFirewall       ConnectionProblem = "security-group"  // no security group rule lets CloudFront in
	ProblemNetworkACL     ConnectionProblem = "network-acl"     // a network ACL keeps CloudFront out
	ProblemInternal       ConnectionProblem = "internal"        // the load balancer is internal
	ProblemNoRoute        ConnectionProblem = "no-route"        // no subnet has a route to an internet gateway
	ProblemNotRunning     ConnectionProblem = "not-running"     // the instance or load balancer does not run
	ProblemVPCOrigin      ConnectionProblem = "vpc-origin"      // the VPC origin is not deployed
	ProblemWebsiteHTTPS   ConnectionProblem = "website-https"   // HTTPS to an S3 website endpoint
	ProblemPlaintext      ConnectionProblem = "plaintext"       // http to a service that answers HTTPS only
	ProblemUnexpectedPort ConnectionProblem = "unexpected-port" // a port on which the service does not answer
	ProblemPrivate        ConnectionProblem = "private"         // the origin's name leads to a private address
	ProblemHTTPSListener  ConnectionProblem = "https-listener"  // plain HTTP to a listener that speaks TLS
	ProblemRefused        ConnectionProblem = "refused"         // the port was seen to refuse connections
)

// Connection is the way from CloudFront to the origin's port.
type Connection struct {
	Scheme string
	Port   int
	// Balancer is the load balancer behind the origin, nil where none is known.
	Balancer *BalancerFacts
	// Listener is the load balancer's listener on the port; nil where it has none or is not known.
	Listener *elb.Listener
	// Firewall is whether the security groups let CloudFront in.
	Firewall Admission
	Problem  ConnectionProblem
	// Seen is how a connection from outside failed where active validation made one, "" where it stood; SeenAt is where that is told.
	// Connected reports that it stood.
	Seen      observed.Failure
	SeenAt    evidence.Ref
	Connected bool
}

func runOriginConnection(x *Exchange) Step {
	c := &x.ext.connection
	*c = Connection{Scheme: x.Forwarded.Scheme, Port: x.Forwarded.Port}
	x.Connection = c
	x.look()
	before := len(x.alternatives)
	return x.connectSeen(c, x.connectByFacts(c), before)
}

// connectByFacts tells from the account's facts whether CloudFront gets through to the port.
func (x *Exchange) connectByFacts(c *Connection) Step {
	if x.Origin.Config.VpcOriginConfig != nil {
		if step, done := x.connectVPC(c); done {
			return step
		}
	}
	switch e := x.Origin.Endpoint; {
	case e.Kind == cloudfront.KindS3Website:
		return x.connectWebsite(c)
	case e.IsS3() || e.ServesHTTPS().Yes():
		return x.connectService(c)
	case e.Kind == cloudfront.KindEC2:
		return x.connectInstance(c)
	}
	if step, done := x.connectPrivate(c); done {
		return step
	}
	c.Balancer = x.Model.BalancerFor(x.Origin)
	if c.Balancer == nil || !c.Balancer.Balancer.IsKnown() {
		return x.Unsure(Alternative{Status: 504, If: "a firewall in front of the origin drops CloudFront's connections, or nothing answers on its port", Weak: true},
			"Whether the origin takes connections on port %s was not checked; active validation would tell", x.digits(c.Port))
	}
	return x.connectBalancer(c)
}

// portField is the setting that the port comes from.
func (x *Exchange) portField(c *Connection) evidence.Ref {
	member := "HTTPSPort"
	if c.Scheme == "http" {
		member = "HTTPPort"
	}
	return x.originRef("CustomOriginConfig."+member, strconv.Itoa(c.Port), "")
}

func (x *Exchange) protocolField(note string) evidence.Ref {
	value := ""
	if c := x.Origin.Config.CustomOriginConfig; c != nil {
		value = string(c.OriginProtocolPolicy)
	}
	return x.originRef("CustomOriginConfig.OriginProtocolPolicy", value, note)
}

// connectWebsite: website endpoints have no HTTPS (GR/s3); that CloudFront then answers 504 was seen, and is not documented.
func (x *Exchange) connectWebsite(c *Connection) Step {
	if c.Scheme == "https" {
		c.Problem, x.failed = ProblemWebsiteHTTPS, timedOut
		return x.Guess(504, ByCloudFront, "The origin is an S3 website endpoint, which does not speak HTTPS, and CloudFront connects with HTTPS").
			WithEvidence(x.protocolField("website endpoints answer plain HTTP only").Want("http-only"))
	}
	return x.Pass("S3 website endpoints answer on port 80").WithEvidence(x.protocolField(""))
}

// connectService: AWS's own endpoints answer on 443, S3's on 80 too.
func (x *Exchange) connectService(c *Connection) Step {
	switch {
	case c.Scheme == "https" && c.Port != 443, c.Scheme == "http" && c.Port != 80:
		c.Problem, x.failed = ProblemUnexpectedPort, timedOut
		return x.Guess(504, ByCloudFront, "The origin is an AWS service, which does not answer on port %s", x.digits(c.Port)).WithEvidence(x.portField(c))
	case c.Scheme == "http" && !x.Origin.Endpoint.IsS3() && x.Origin.Endpoint.Kind != cloudfront.KindCloudFront:
		c.Problem = ProblemPlaintext
		return x.Unsure(Alternative{Status: 502, If: "the service takes HTTPS only and refuses plain HTTP"},
			"CloudFront connects with plain HTTP to a service that is meant for HTTPS").WithEvidence(x.protocolField("").Want("https-only"))
	}
	return x.Pass("The service's endpoint answers on port %s", x.digits(c.Port)).
		WithEvidence(x.originRef("DomainName", x.Origin.Endpoint.Domain, "an endpoint of AWS's own"))
}

// connectPrivate: addresses that the internet does not reach, told by the account's own record or by the load balancer's name
// (ELB/load-balancer-scheme: names of internal ones begin with internal-).
func (x *Exchange) connectPrivate(c *Connection) (step Step, done bool) {
	if x.DNS == nil || x.Origin.Config.VpcOriginConfig != nil {
		return Step{}, false
	}
	switch d := x.DNS; {
	case d.Private():
		c.Problem, x.failed = ProblemPrivate, timedOut
		return x.Guess(504, ByCloudFront, "The origin's name leads to the private address %s, which CloudFront cannot reach", d.Address.String()).
			WithEvidence(d.Evidence...), true
	case d.Leads.Internal:
		c.Problem, x.failed = ProblemInternal, timedOut
		return x.Guess(504, ByCloudFront, "The load balancer is internal: its addresses are private, and CloudFront cannot reach them from the internet").
			WithEvidence(x.originRef("DomainName", d.Leads.Domain, "names of internal load balancers begin with internal-")).
			WithEvidence(d.Evidence...), true
	}
	return Step{}, false
}

func (x *Exchange) connectInstance(c *Connection) Step {
	fact, instance, ok := x.Model.instance(x.Origin)
	if !ok {
		if fact.IsKnown() {
			return x.Unsure(Alternative{Status: 504, If: "the instance that had this name is gone"},
				"No instance of this account has the origin's name").WithEvidence(fact.Ref("Reservations"))
		}
		return x.Unsure(Alternative{Status: 504, If: "the instance does not run, or its security group drops CloudFront's connections", Weak: true},
			"The instance behind the origin was not read").WithEvidence(fact.Ref(""))
	}
	if instance.State != nil && instance.State.Name != ec2.InstanceStateNameRunning {
		c.Problem, x.failed = ProblemNotRunning, timedOut
		return x.Guess(504, ByCloudFront, "The instance behind the origin is %s", string(instance.State.Name)).
			WithEvidence(fact.Ref("Reservations[].Instances[].State").With(string(instance.State.Name), ""))
	}
	var groups []string
	for _, g := range instance.SecurityGroups {
		groups = append(groups, str(g.GroupId))
	}
	n := x.Model.network(x.Origin.Endpoint.Region, str(instance.VpcId), groups, []string{str(instance.SubnetId)})
	if step, done := x.passFirewall(c, n, false); done {
		return step
	}
	return x.Unsure(Alternative{Status: 502, If: "no program on the instance listens on the port", Weak: true},
		"The instance runs and its security group lets CloudFront in; whether a program answers on port %s is not known", x.digits(c.Port))
}

// connectBalancer goes from the listener outwards. A missing listener is blamed before a security group: opening the port would not help.
func (x *Exchange) connectBalancer(c *Connection) Step {
	f := c.Balancer
	b, _ := f.Balancer.Get()
	if b.State != nil && b.State.Code == elb.LoadBalancerStateEnumFailed {
		c.Problem, x.failed = ProblemNotRunning, timedOut
		return x.Guess(504, ByCloudFront, "The load balancer failed to start").WithEvidence(f.Balancer.Ref("State.Code").With("failed", ""))
	}
	vpc := x.Origin.Config.VpcOriginConfig != nil
	if b.Scheme == elb.LoadBalancerSchemeEnumInternal && !vpc {
		c.Problem, x.failed = ProblemInternal, timedOut
		return x.Guess(504, ByCloudFront, "The load balancer is internal: its addresses are private, and CloudFront cannot reach them from the internet").
			WithEvidence(f.Balancer.Ref("Scheme").With("internal", "").Want("internet-facing"))
	}
	if f.Listeners.IsKnown() {
		l, ok := f.Listener(c.Port)
		if !ok {
			return x.noListener(c)
		}
		c.Listener = &l
	}
	if step, done := x.passFirewall(c, f.Network, vpc); done {
		return step
	}
	if c.Listener != nil && c.Scheme == "http" && (c.Listener.Protocol == elb.ProtocolEnumHttps || c.Listener.Protocol == elb.ProtocolEnumTls) {
		c.Problem, x.failed = ProblemHTTPSListener, connectFailed
		return x.Guess(502, ByCloudFront, "CloudFront speaks plain HTTP to port %s, where the load balancer speaks %s", x.digits(c.Port), string(c.Listener.Protocol)).
			WithEvidence(x.protocolField(""), x.portField(c), f.Listeners.Ref("Listeners[].Protocol").With(string(c.Listener.Protocol), ""))
	}
	if !f.Listeners.IsKnown() {
		return x.Unsure(Alternative{Status: 502, If: "the load balancer has no listener on port " + strconv.Itoa(c.Port), Weak: true},
			"The load balancer's listeners were not read").WithEvidence(f.Listeners.Ref(""))
	}
	return x.Pass("The load balancer listens on port %s and lets CloudFront in", x.digits(c.Port)).
		WithEvidence(cite(x, f.Listeners, "Listeners[].Port").With(x.say("%s (%s)", x.digits(c.Port), string(c.Listener.Protocol)), "")).WithEvidence(c.Firewall.Evidence...)
}

func (x *Exchange) noListener(c *Connection) Step {
	c.Problem, x.failed = ProblemNoListener, connectFailed
	x.alternatives = append(x.alternatives, Alternative{Status: 504, If: "the load balancer drops rather than refuses connections to a port without a listener"})
	return x.Guess(502, ByCloudFront, "CloudFront connects to port %s, and the load balancer has no listener there (it has %s)", x.digits(c.Port), listWords(c.Balancer.Ports())).
		WithEvidence(x.protocolField(""), x.portField(c), c.Balancer.Listeners.Ref("Listeners[].Port").With(listWords(c.Balancer.Ports()), "no listener on "+strconv.Itoa(c.Port)))
}

// passFirewall checks security groups, network ACLs and routes; done says that the step is final.
func (x *Exchange) passFirewall(c *Connection, n NetworkFacts, vpc bool) (step Step, done bool) {
	if len(n.GroupIDs) > 0 {
		c.Firewall = x.Model.AdmitsCloudFront(n, c.Port, vpc)
		switch c.Firewall.Allowed {
		case tri.False:
			c.Problem, x.failed = ProblemFirewall, timedOut
			drop := x.Stop
			if vpc {
				drop = x.Guess // what a blocked VPC origin answers is not documented
			}
			return drop(504, ByCloudFront, "The security group in front of the origin does not let CloudFront's addresses in on port %s, so its connections are dropped", x.digits(c.Port)).
				WithEvidence(c.Firewall.Evidence...), true
		case tri.Unknown:
			if n.SecurityGroups.IsKnown() {
				return x.Unsure(Alternative{Status: 504, If: "the security group leaves out some of CloudFront's addresses"},
					"The security group lets some addresses in; whether they are all of CloudFront's is not known").WithEvidence(c.Firewall.Evidence...), true
			}
			return x.Unsure(Alternative{Status: 504, If: "the security group drops CloudFront's connections"},
				"The security group in front of the origin was not read").WithEvidence(c.Firewall.Evidence...), true
		}
	}
	if vpc {
		return Step{}, false // inbound network ACLs and routes do not count there (DG/private-content-vpc-origins)
	}
	if n.ReachesInternet().No() {
		c.Problem, x.failed = ProblemNoRoute, timedOut
		return x.Guess(504, ByCloudFront, "None of the origin's subnets has a route to an internet gateway, so CloudFront cannot reach it").
			WithEvidence(n.RouteTables.Ref("RouteTables[].Routes")), true
	}
	if acl := x.Model.ACLAdmits(n, c.Port); acl.Allowed.No() {
		c.Problem, x.failed = ProblemNetworkACL, timedOut
		return x.Guess(504, ByCloudFront, "A network ACL on the origin's subnets drops CloudFront's connections").WithEvidence(acl.Evidence...), true
	} else if !acl.Allowed.Known() && n.NetworkACLs.IsKnown() {
		return x.Unsure(Alternative{Status: 504, If: "the network ACL leaves out some of CloudFront's addresses or ports"},
			"A network ACL lets only some addresses or ports through").WithEvidence(acl.Evidence...), true
	}
	return Step{}, false
}

// connectVPC judges the VPC origin itself; what lies behind it is judged like any origin.
func (x *Exchange) connectVPC(c *Connection) (step Step, done bool) {
	fact := x.Model.VPCOriginFor(x.Origin)
	out, ok := fact.Get()
	switch {
	case fact.IsAbsent():
		c.Problem, x.failed = ProblemVPCOrigin, connectFailed
		return x.Guess(502, ByCloudFront, "The VPC origin does not exist").WithEvidence(fact.Ref("")), true
	case !ok:
		return x.Unsure(Alternative{Status: 504, If: "the VPC origin is not deployed, or its security group keeps CloudFront out", Weak: true},
			"The VPC origin was not read").WithEvidence(fact.Ref("")), true
	}
	status := str(out.VpcOrigin.Status)
	if status != "Deployed" {
		c.Problem, x.failed = ProblemVPCOrigin, connectFailed
		return x.Guess(502, ByCloudFront, "The VPC origin is not ready: its status is %s", quoted(status)).
			WithEvidence(fact.Ref("VpcOrigin.Status").With(status, "").Want("Deployed")), true
	}
	return Step{}, false
}
