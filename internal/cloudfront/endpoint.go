package cloudfront

import (
	"strings"

	"cfdoctor/internal/tri"
)

// EndpointKind is the form of an origin's domain name.
type EndpointKind string

// The forms. What none of AWS's forms fits is custom, unless it cannot be a host name at all.
const (
	KindInvalid           EndpointKind = "invalid"
	KindIPAddress         EndpointKind = "ip-address"
	KindCustom            EndpointKind = "custom"
	KindS3Regional        EndpointKind = "s3-regional"        // bucket.s3.region.amazonaws.com, also the old s3-region form
	KindS3Global          EndpointKind = "s3-global"          // bucket.s3.amazonaws.com
	KindS3DualStack       EndpointKind = "s3-dualstack"       // bucket.s3.dualstack.region.amazonaws.com
	KindS3FIPS            EndpointKind = "s3-fips"            // bucket.s3-fips.region.amazonaws.com
	KindS3Accelerate      EndpointKind = "s3-accelerate"      // bucket.s3-accelerate.amazonaws.com
	KindS3External        EndpointKind = "s3-external"        // bucket.s3-external-1.amazonaws.com, us-east-1 of old
	KindS3PathStyle       EndpointKind = "s3-path-style"      // s3.region.amazonaws.com without a bucket
	KindS3Website         EndpointKind = "s3-website"         // bucket.s3-website-region.amazonaws.com
	KindS3AccessPoint     EndpointKind = "s3-access-point"    // by name and account, or by its -s3alias
	KindS3ObjectLambda    EndpointKind = "s3-object-lambda"   // by name and account, or by its --ol-s3 alias
	KindS3MultiRegion     EndpointKind = "s3-multi-region"    // alias.mrap.accesspoint.s3-global.amazonaws.com
	KindLambdaURL         EndpointKind = "lambda-url"         // id.lambda-url.region.on.aws
	KindAPIGateway        EndpointKind = "api-gateway"        // id.execute-api.region.amazonaws.com, REST or HTTP alike
	KindAppSync           EndpointKind = "appsync"            // id.appsync-api.region.amazonaws.com
	KindLoadBalancer      EndpointKind = "load-balancer"      // Application or Classic: the name does not tell which
	KindNetworkBalancer   EndpointKind = "network-balancer"   // name-16hex.elb.region.amazonaws.com
	KindMediaPackage      EndpointKind = "mediapackage"       // version 1
	KindMediaPackageV2    EndpointKind = "mediapackagev2"     // *.mediapackagev2.region.amazonaws.com
	KindMediaStore        EndpointKind = "mediastore"         // id.data.mediastore.region.amazonaws.com
	KindCloudFront        EndpointKind = "cloudfront"         // another distribution
	KindEC2               EndpointKind = "ec2"                // an instance's public DNS name
	KindAppRunner         EndpointKind = "app-runner"         // id.region.awsapprunner.com
	KindAmplify           EndpointKind = "amplify"            // branch.id.amplifyapp.com
	KindElasticBeanstalk  EndpointKind = "elastic-beanstalk"  // environment.region.elasticbeanstalk.com
	KindLightsail         EndpointKind = "lightsail"          // Lightsail container service
	KindGlobalAccelerator EndpointKind = "global-accelerator" // id.awsglobalaccelerator.com
)

// Endpoint is what an origin's domain name says about the origin.
type Endpoint struct {
	Kind      EndpointKind
	Domain    string // lower case, without the dot at the end
	Name      string // bucket, access point, API, function URL, load balancer or distribution label; empty if none
	Region    string // AWS Region, empty where the name does not tell
	Partition string // aws, aws-cn, aws-us-gov, aws-eusc; empty for names outside AWS
	DualStack bool   // the dual-stack form of the name
	FIPS      bool   // the FIPS form of the name
	Dash      bool   // the form with a dash before the Region: s3-us-west-2, s3-website-us-west-2
	Internal  bool   // a load balancer's name starts with internal-: its addresses are private
	Reason    string // why it is invalid
}

// ClassifyEndpoint reads an origin's domain name. The forms are those of GR/s3, S3UG/VirtualHosting,
// S3UG/WebsiteEndpoints, DG/DownloadDistS3AndCustomOrigins and each service's own guide.
func ClassifyEndpoint(domain string) Endpoint {
	if err := ValidateOriginDomain(domain); err != nil {
		kind := KindInvalid
		if isIPLiteral(domain) {
			kind = KindIPAddress
		}
		return Endpoint{Kind: kind, Domain: domain, Reason: err.Error()}
	}
	d := strings.ToLower(strings.TrimSuffix(domain, "."))
	e := Endpoint{Kind: KindCustom, Domain: d}
	if rest, partition, ok := cutAWSSuffix(d); ok {
		e.Partition = partition
		e.readAWS(strings.Split(rest, "."))
		return e
	}
	for _, form := range otherSuffixes {
		if rest, ok := strings.CutSuffix(d, form.suffix); ok && rest != "" {
			form.read(&e, strings.Split(rest, "."))
			return e
		}
	}
	return e
}

// cutAWSSuffix cuts the DNS suffix of a partition's endpoints.
func cutAWSSuffix(d string) (rest, partition string, ok bool) {
	for _, s := range [...]struct{ suffix, partition string }{
		{".amazonaws.com", "aws"}, {".amazonaws.com.cn", "aws-cn"}, {".amazonaws.eu", "aws-eusc"},
	} {
		if rest, ok := strings.CutSuffix(d, s.suffix); ok && rest != "" {
			return rest, s.partition, true
		}
	}
	return "", "", false
}

// readAWS reads the labels in front of amazonaws.com and its siblings.
func (e *Endpoint) readAWS(labels []string) {
	last := labels[len(labels)-1]
	head := labels[:len(labels)-1]
	switch {
	case isRegion(last):
		e.setRegion(last)
		e.readRegional(head)
	case last == "elb" && len(head) >= 2 && isRegion(head[len(head)-1]):
		e.setRegion(head[len(head)-1])
		e.setBalancer(head[:len(head)-1])
	case last == "compute" && len(head) >= 2 && isRegion(head[len(head)-1]):
		e.setRegion(head[len(head)-1])
		e.setInstance(head[:len(head)-1])
	case last == "compute-1" && len(head) > 0:
		e.Region = "us-east-1"
		e.setInstance(head)
	case last == "s3-global":
		if n := len(head); n == 3 && head[n-1] == "accesspoint" && head[n-2] == "mrap" {
			e.Kind, e.Name = KindS3MultiRegion, head[0]+".mrap"
		}
	default:
		e.readS3(last, head)
	}
}

// readS3 reads the forms of Amazon S3 whose Region is missing or part of the label before the suffix.
func (e *Endpoint) readS3(last string, head []string) {
	if last == "dualstack" && len(head) > 1 && head[len(head)-1] == "s3-accelerate" {
		e.DualStack = true
		last, head = "s3-accelerate", head[:len(head)-1]
	}
	bucket := strings.Join(head, ".")
	switch {
	case last == "s3":
		e.setBucket(KindS3Global, bucket)
	case last == "s3-accelerate":
		e.setBucket(KindS3Accelerate, bucket)
	case last == "s3-external-1":
		e.Region = "us-east-1"
		e.setBucket(KindS3External, bucket)
	case strings.HasPrefix(last, "s3-website-") && isRegion(last[len("s3-website-"):]):
		e.setRegion(last[len("s3-website-"):])
		e.Dash = true
		e.setBucket(KindS3Website, bucket)
	case strings.HasPrefix(last, "s3-fips-") && isRegion(last[len("s3-fips-"):]):
		e.setRegion(last[len("s3-fips-"):])
		e.Dash, e.FIPS = true, true
		e.setBucket(KindS3FIPS, bucket)
	case strings.HasPrefix(last, "s3-") && isRegion(last[len("s3-"):]):
		e.setRegion(last[len("s3-"):])
		e.Dash = true
		e.setBucket(KindS3Regional, bucket)
	}
}

// readRegional reads the labels in front of a Region.
func (e *Endpoint) readRegional(head []string) {
	if len(head) == 0 {
		return
	}
	service, head := head[len(head)-1], head[:len(head)-1]
	if service == "dualstack" && len(head) > 0 {
		e.DualStack = true
		service, head = head[len(head)-1], head[:len(head)-1]
	}
	if base, ok := strings.CutSuffix(service, "-fips"); ok {
		e.FIPS = true
		service = base
	}
	name := strings.Join(head, ".")
	switch service {
	case "s3":
		kind := KindS3Regional
		if e.FIPS {
			kind = KindS3FIPS
		} else if e.DualStack {
			kind = KindS3DualStack
		}
		e.setBucket(kind, name)
	case "s3-website":
		e.setBucket(KindS3Website, name)
	case "s3-accesspoint":
		e.setBucket(KindS3AccessPoint, name)
	case "s3-object-lambda":
		e.setBucket(KindS3ObjectLambda, name)
	case "elb":
		e.setBalancer(head)
	default:
		e.readService(service, head)
	}
}

// readService reads the services whose endpoints are name.service.region.
func (e *Endpoint) readService(service string, head []string) {
	if len(head) == 0 {
		return
	}
	switch service {
	case "execute-api":
		e.Kind, e.Name = KindAPIGateway, head[0]
	case "appsync-api":
		e.Kind, e.Name = KindAppSync, head[0]
	case "mediapackage":
		e.Kind, e.Name = KindMediaPackage, head[0]
	case "mediapackagev2":
		e.Kind, e.Name = KindMediaPackageV2, head[0]
	case "mediastore":
		if len(head) == 2 && head[1] == "data" {
			e.Kind, e.Name = KindMediaStore, head[0]
		}
	}
}

// setBucket sets an S3 form; without a bucket it is the path-style host, and an alias in the bucket's place names
// an access point (S3UG/access-points-naming, S3UG/olap-use).
func (e *Endpoint) setBucket(kind EndpointKind, bucket string) {
	switch {
	case bucket == "":
		kind = KindS3PathStyle
	case kind == KindS3Regional && strings.HasSuffix(bucket, "--ol-s3"):
		kind = KindS3ObjectLambda
	case kind == KindS3Regional && strings.HasSuffix(bucket, "-s3alias"):
		kind = KindS3AccessPoint
	}
	e.Kind, e.Name = kind, bucket
}

// setRegion sets the Region, and the partition where the DNS suffix alone does not tell it.
func (e *Endpoint) setRegion(region string) {
	e.Region = region
	if strings.HasPrefix(region, "us-gov-") {
		e.Partition = "aws-us-gov"
	}
}

// setInstance sets an EC2 public DNS name (EC2 User Guide, instance naming).
func (e *Endpoint) setInstance(head []string) {
	if len(head) == 1 && strings.HasPrefix(head[0], "ec2-") {
		e.Kind, e.Name = KindEC2, head[0]
	}
}

// setBalancer sets a load balancer's default name: name-number for Application and Classic, name-16hex for Network
// Load Balancers, with internal- or dualstack. in front (ELB/application-load-balancers, ELB/network).
func (e *Endpoint) setBalancer(head []string) {
	if len(head) == 2 && head[0] == "dualstack" {
		e.DualStack = true
		head = head[1:]
	}
	if len(head) != 1 {
		return
	}
	i := strings.LastIndexByte(head[0], '-')
	if i <= 0 {
		return
	}
	name, id := head[0][:i], head[0][i+1:]
	switch {
	case len(id) == 16 && onlyOf(id, "0123456789abcdef"):
		e.Kind = KindNetworkBalancer
	case id != "" && onlyOf(id, "0123456789"):
		e.Kind = KindLoadBalancer
	default:
		return
	}
	e.Name, e.Internal = strings.CutPrefix(name, "internal-")
}

// suffixForm reads the endpoints of a service that has a DNS suffix of its own.
type suffixForm struct {
	suffix string
	read   func(*Endpoint, []string)
}

// otherSuffixes are AWS's endpoints outside amazonaws.com; the first that fits counts.
var otherSuffixes = [...]suffixForm{
	{".on.aws", readOnAWS},
	{".cloudfront.net", named(KindCloudFront, "aws")},
	{".cloudfront.cn", named(KindCloudFront, "aws-cn")},
	{".awsapprunner.com", withRegion(KindAppRunner)},
	{".amplifyapp.com", named(KindAmplify, "aws")},
	{".elasticbeanstalk.com", withRegion(KindElasticBeanstalk)},
	{".cs.amazonlightsail.com", withRegion(KindLightsail)},
	{".awsglobalaccelerator.com", named(KindGlobalAccelerator, "aws")},
}

func named(kind EndpointKind, partition string) func(*Endpoint, []string) {
	return func(e *Endpoint, labels []string) {
		e.Kind, e.Partition, e.Name = kind, partition, labels[0]
	}
}

func withRegion(kind EndpointKind) func(*Endpoint, []string) {
	return func(e *Endpoint, labels []string) {
		e.Kind, e.Partition, e.Name = kind, "aws", labels[0]
		if last := labels[len(labels)-1]; len(labels) > 1 && isRegion(last) {
			e.setRegion(last)
		}
	}
}

func readOnAWS(e *Endpoint, labels []string) {
	if len(labels) == 3 && labels[1] == "lambda-url" && isRegion(labels[2]) {
		e.Kind, e.Partition, e.Name = KindLambdaURL, "aws", labels[0]
		e.setRegion(labels[2])
	}
}

// isRegion reports whether label has the form of a Region's name: letters, then words, then a number, joined by
// dashes. The form is what counts, so Regions opened later are known too.
func isRegion(label string) bool {
	parts := strings.Split(label, "-")
	n := len(parts)
	if n < 3 || len(parts[0]) < 2 || len(parts[0]) > 4 || len(parts[n-1]) > 2 || !onlyOf(parts[n-1], "0123456789") {
		return false
	}
	for _, word := range parts[:n-1] {
		if !onlyOf(word, "abcdefghijklmnopqrstuvwxyz") {
			return false
		}
	}
	return true
}

// onlyOf reports whether s is not empty and has only characters of set.
func onlyOf(s, set string) bool { return s != "" && strings.Trim(s, set) == "" }

// IsS3 reports whether the name is an Amazon S3 endpoint of any form, website endpoints included.
func (e Endpoint) IsS3() bool { return strings.HasPrefix(string(e.Kind), "s3-") }

// NeedsOwnHost reports whether the service routes or signs by its own host name, so that forwarding the viewer's
// Host breaks it: S3, API Gateway, Lambda function URLs, AppSync and the media services do. A website endpoint
// looks for a bucket named like the host. Unknown for names that do not tell what answers.
func (e Endpoint) NeedsOwnHost() tri.Bool {
	switch {
	case e.IsS3():
		return tri.True
	case e.Kind == KindAPIGateway, e.Kind == KindLambdaURL, e.Kind == KindAppSync, e.Kind == KindAppRunner,
		e.Kind == KindMediaStore, e.Kind == KindMediaPackage, e.Kind == KindMediaPackageV2:
		return tri.True
	case e.Kind == KindLoadBalancer, e.Kind == KindNetworkBalancer, e.Kind == KindEC2:
		return tri.False
	}
	return tri.Unknown
}

// OriginAccessControlType is the OriginAccessControlOriginType that fits the endpoint (s3, lambda, mediastore,
// mediapackagev2), or empty where origin access control does not exist, as for website endpoints
// (DG/private-content-restricting-access-to-origin). Multi-Region Access Points need a type that the API model
// does not have yet, so they are empty too.
func (e Endpoint) OriginAccessControlType() string {
	switch e.Kind {
	case KindS3Regional, KindS3Global, KindS3DualStack, KindS3FIPS, KindS3External, KindS3AccessPoint, KindS3ObjectLambda:
		return "s3"
	case KindLambdaURL:
		return "lambda"
	case KindMediaStore:
		return "mediastore"
	case KindMediaPackageV2:
		return "mediapackagev2"
	}
	return ""
}

// ServesHTTPS reports whether the endpoint answers HTTPS at all: website endpoints do not (S3UG/WebsiteEndpoints),
// and for a service's own name AWS holds the certificate. Unknown where the customer's listener decides.
func (e Endpoint) ServesHTTPS() tri.Bool {
	switch e.Kind {
	case KindS3Website:
		return tri.False
	case KindLambdaURL, KindAPIGateway, KindAppSync, KindAppRunner, KindAmplify, KindCloudFront,
		KindMediaPackage, KindMediaPackageV2, KindMediaStore, KindLightsail:
		return tri.True
	}
	if e.IsS3() {
		return tri.True
	}
	return tri.Unknown
}
