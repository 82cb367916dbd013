package origintls

import (
	"cfdoctor/internal/account"
	"cfdoctor/internal/causes/originway"
	"cfdoctor/internal/fix"
)

// Certificates are a person's to get: their authority, their private key and the proof of control are not in the account.

// reimport puts the next certificate in the place of an imported one; what uses it takes it up by itself (ACM/import-reimport).
func reimport(arn string) []fix.HandCall {
	return []fix.HandCall{
		certificateCall(arn, "See the names and the end of the present certificate", "DescribeCertificate"),
		{Purpose: "Import the next certificate under the same ARN", Service: "acm", Operation: "ImportCertificate", Region: account.RegionOf(arn), Mutates: true,
			Params: []fix.HandParam{{Name: "CertificateArn", Value: arn}, {Name: "Certificate", Value: fix.File("certificate.pem")},
				{Name: "PrivateKey", Value: fix.File("key.pem")}, {Name: "CertificateChain", Value: fix.File("chain.pem")}},
			Inputs: []string{"certificate.pem, key.pem and chain.pem: the files of the new certificate, its private key and its chain"}},
	}
}

// request asks ACM for a certificate in the load balancer's Region, and puts it on the listener; nothing where the listener is not known.
func request(w *originway.Way, names []string) []fix.HandCall {
	l, known := terminates(w)
	if !known || l.ListenerArn == nil || len(names) == 0 {
		return nil
	}
	region := account.RegionOf(*l.ListenerArn)
	ask := fix.HandCall{Purpose: "Request a certificate; the answer shows its ARN", Service: "acm", Operation: "RequestCertificate", Region: region, Mutates: true,
		Params: []fix.HandParam{{Name: "DomainName", Value: names[0]}, {Name: "ValidationMethod", Value: "DNS"}}}
	if len(names) > 1 {
		ask.Params = append(ask.Params, fix.HandParam{Name: "SubjectAlternativeNames", Value: names[1:]})
	}
	issued := "arn:" + w.Model.Partition() + ":acm:" + region + ":000000000000:certificate/ID_FROM_THE_ANSWER"
	arn := []string{issued + ": put the CertificateArn in the answer of request-certificate in its place"}
	read := certificateCall(issued, "See the CNAME records that prove control of the names, and whether it is ISSUED", "DescribeCertificate")
	read.Region, read.Inputs = region, arn
	ask = ask.WithBack("Delete the certificate again, when no listener presents it", "DeleteCertificate", []fix.HandParam{{Name: "CertificateArn", Value: issued}}, arn...)
	present := func(certificate string) []fix.HandParam {
		return []fix.HandParam{{Name: "ListenerArn", Value: *l.ListenerArn}, {Name: "Certificates", Value: []any{map[string]any{"CertificateArn": certificate}}}}
	}
	use := fix.HandCall{Purpose: "Once it is issued, let the listener present it; the present default certificate goes", Service: "elbv2", Operation: "ModifyListener",
		Region: region, Mutates: true, Params: present(issued), Inputs: arn}
	if len(l.Certificates) > 0 && l.Certificates[0].CertificateArn != nil {
		use = use.WithBack("Let the listener present the certificate that it had", "ModifyListener", present(*l.Certificates[0].CertificateArn))
	}
	return []fix.HandCall{
		{Purpose: "See which certificates the Region has already", Service: "acm", Operation: "ListCertificates", Region: region},
		ask, read, use,
	}
}

func certificateCall(arn, purpose, operation string) fix.HandCall {
	return fix.HandCall{Purpose: purpose, Service: "acm", Operation: operation, Region: account.RegionOf(arn), Params: []fix.HandParam{{Name: "CertificateArn", Value: arn}}}
}

// listenerReads show what the load balancer presents; nothing where it is not known.
func listenerReads(w *originway.Way) []fix.HandCall {
	l, known := terminates(w)
	if !known || l.ListenerArn == nil {
		return nil
	}
	return []fix.HandCall{{Purpose: "See the certificates of the load balancer's listener", Service: "elbv2", Operation: "DescribeListenerCertificates", Region: account.RegionOf(*l.ListenerArn),
		Params: []fix.HandParam{{Name: "ListenerArn", Value: *l.ListenerArn}}}}
}

// clientCertificate imports a certificate for CloudFront to present, which has to be in us-east-1 (DG/origin-mtls-authentication), and shows whom
// the load balancer trusts.
func clientCertificate(w *originway.Way) []fix.HandCall {
	calls := []fix.HandCall{{Purpose: "Import the client certificate; the answer shows its ARN", Service: "acm", Operation: "ImportCertificate", Region: account.GlobalRegion, Mutates: true,
		Params: []fix.HandParam{{Name: "Certificate", Value: fix.File("certificate.pem")}, {Name: "PrivateKey", Value: fix.File("key.pem")}, {Name: "CertificateChain", Value: fix.File("chain.pem")}},
		Inputs: []string{"certificate.pem, key.pem and chain.pem: the files of the client certificate, its private key and its chain"}}}
	l, known := terminates(w)
	if !known || l.MutualAuthentication == nil || l.MutualAuthentication.TrustStoreArn == nil {
		return calls
	}
	return append(calls, fix.HandCall{Purpose: "See the load balancer's trust store", Service: "elbv2", Operation: "DescribeTrustStores", Region: account.RegionOf(*l.MutualAuthentication.TrustStoreArn),
		Params: []fix.HandParam{{Name: "TrustStoreArns", Value: []string{*l.MutualAuthentication.TrustStoreArn}}}})
}
