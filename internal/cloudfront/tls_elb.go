package cloudfront

import "strings"

// elbPolicy is a predefined security policy of Elastic Load Balancing.
type elbPolicy struct {
	name   string
	oldest Protocol
	newest Protocol
	sets   elbCiphers
}

// elbCiphers are groups of ciphers; every policy is made of whole groups.
type elbCiphers uint8

const (
	elbModern  elbCiphers = 1 << iota // the TLS 1.3 ciphers
	elbECDHE                          // ECDHE with GCM
	elbECDHEm                         // ECDHE with CBC and SHA-2
	elbECDHEs                         // ECDHE with CBC and SHA-1
	elbRSA                            // RSA key exchange, SHA-2 and GCM
	elbRSAs                           // RSA key exchange, SHA-1
	elbTripleD                        // DES-CBC3-SHA
	elbFIPS                           // the TLS 1.3 ciphers that FIPS 140-3 approves
)

const (
	elbForward = elbECDHE | elbECDHEm | elbECDHEs
	elbClassic = elbForward | elbRSA | elbRSAs
)

// elbPolicies are the policies of ELB/describe-ssl-policies and the Network Load Balancer guide, read 2026-10. Those of RFC 9151,
// and Ext1-PQ, are left out: ask the account with DescribeSSLPolicies.
func elbPolicies() []elbPolicy {
	return []elbPolicy{
		{"ELBSecurityPolicy-TLS13-1-3-2021-06", TLSv13, TLSv13, elbModern},
		{"ELBSecurityPolicy-TLS13-1-3-PQ-2025-09", TLSv13, TLSv13, elbModern},
		{"ELBSecurityPolicy-TLS13-1-2-Res-2021-06", TLSv12, TLSv13, elbModern | elbECDHE},
		{"ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", TLSv12, TLSv13, elbModern | elbECDHE},
		{"ELBSecurityPolicy-TLS13-1-2-2021-06", TLSv12, TLSv13, elbModern | elbECDHE | elbECDHEm},
		{"ELBSecurityPolicy-TLS13-1-2-PQ-2025-09", TLSv12, TLSv13, elbModern | elbECDHE | elbECDHEm},
		{"ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", TLSv12, TLSv13, elbModern | elbECDHE | elbECDHEm | elbRSA},
		{"ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", TLSv12, TLSv13, elbModern | elbClassic},
		{"ELBSecurityPolicy-TLS13-1-2-Ext2-PQ-2025-09", TLSv12, TLSv13, elbModern | elbClassic},
		{"ELBSecurityPolicy-TLS13-1-1-2021-06", TLSv11, TLSv13, elbModern | elbClassic},
		{"ELBSecurityPolicy-TLS13-1-0-2021-06", TLSv1, TLSv13, elbModern | elbClassic},
		{"ELBSecurityPolicy-TLS13-1-0-PQ-2025-09", TLSv1, TLSv13, elbModern | elbClassic},
		{"ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04", TLSv13, TLSv13, elbFIPS},
		{"ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09", TLSv13, TLSv13, elbFIPS},
		{"ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04", TLSv12, TLSv13, elbFIPS | elbECDHE},
		{"ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09", TLSv12, TLSv13, elbFIPS | elbECDHE},
		{"ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04", TLSv12, TLSv13, elbFIPS | elbECDHE | elbECDHEm},
		{"ELBSecurityPolicy-TLS13-1-2-FIPS-PQ-2025-09", TLSv12, TLSv13, elbFIPS | elbECDHE | elbECDHEm},
		{"ELBSecurityPolicy-TLS13-1-2-Ext0-FIPS-2023-04", TLSv12, TLSv13, elbFIPS | elbForward},
		{"ELBSecurityPolicy-TLS13-1-2-Ext1-FIPS-2023-04", TLSv12, TLSv13, elbFIPS | elbECDHE | elbECDHEm | elbRSA},
		{"ELBSecurityPolicy-TLS13-1-2-Ext2-FIPS-2023-04", TLSv12, TLSv13, elbFIPS | elbClassic},
		{"ELBSecurityPolicy-TLS13-1-1-FIPS-2023-04", TLSv11, TLSv13, elbFIPS | elbClassic},
		{"ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04", TLSv1, TLSv13, elbFIPS | elbClassic},
		{"ELBSecurityPolicy-TLS-1-2-2017-01", TLSv12, TLSv12, elbECDHE | elbECDHEm | elbRSA},
		{"ELBSecurityPolicy-TLS-1-2-Ext-2018-06", TLSv12, TLSv12, elbClassic},
		{"ELBSecurityPolicy-TLS-1-1-2017-01", TLSv11, TLSv12, elbClassic},
		{"ELBSecurityPolicy-TLS-1-0-2015-04", TLSv1, TLSv12, elbClassic | elbTripleD},
		{"ELBSecurityPolicy-2016-08", TLSv1, TLSv12, elbClassic},
		{"ELBSecurityPolicy-2015-05", TLSv1, TLSv12, elbClassic},
		{"ELBSecurityPolicy-FS-2018-06", TLSv1, TLSv12, elbForward},
		{"ELBSecurityPolicy-FS-1-1-2019-08", TLSv11, TLSv12, elbForward},
		{"ELBSecurityPolicy-FS-1-2-2019-08", TLSv12, TLSv12, elbForward},
		{"ELBSecurityPolicy-FS-1-2-Res-2019-08", TLSv12, TLSv12, elbECDHE | elbECDHEm},
		{"ELBSecurityPolicy-FS-1-2-Res-2020-10", TLSv12, TLSv12, elbECDHE},
	}
}

// elbCipherOrder lists the ciphers as load balancers prefer them, each with its group.
func elbCipherOrder() []elbCipher {
	return []elbCipher{
		{"TLS_AES_128_GCM_SHA256", elbModern | elbFIPS}, {"TLS_AES_256_GCM_SHA384", elbModern | elbFIPS}, {"TLS_CHACHA20_POLY1305_SHA256", elbModern},
		{"ECDHE-ECDSA-AES128-GCM-SHA256", elbECDHE}, {"ECDHE-RSA-AES128-GCM-SHA256", elbECDHE},
		{"ECDHE-ECDSA-AES128-SHA256", elbECDHEm}, {"ECDHE-RSA-AES128-SHA256", elbECDHEm},
		{"ECDHE-ECDSA-AES128-SHA", elbECDHEs}, {"ECDHE-RSA-AES128-SHA", elbECDHEs},
		{"ECDHE-ECDSA-AES256-GCM-SHA384", elbECDHE}, {"ECDHE-RSA-AES256-GCM-SHA384", elbECDHE},
		{"ECDHE-ECDSA-AES256-SHA384", elbECDHEm}, {"ECDHE-RSA-AES256-SHA384", elbECDHEm},
		{"ECDHE-ECDSA-AES256-SHA", elbECDHEs}, {"ECDHE-RSA-AES256-SHA", elbECDHEs},
		{"AES128-GCM-SHA256", elbRSA}, {"AES128-SHA256", elbRSA}, {"AES128-SHA", elbRSAs},
		{"AES256-GCM-SHA384", elbRSA}, {"AES256-SHA256", elbRSA}, {"AES256-SHA", elbRSAs}, {"DES-CBC3-SHA", elbTripleD},
	}
}

type elbCipher struct {
	name  string
	group elbCiphers
}

// DefaultELBPolicy is what a listener has that was created outside the console without naming a policy
// (ELB/describe-ssl-policies).
const DefaultELBPolicy = "ELBSecurityPolicy-2016-08"

// ELBSecurityPolicy returns the protocols and ciphers of a load balancer's predefined security policy. ok is false for
// one that is not in the table.
func ELBSecurityPolicy(name string) (side TLSSide, ok bool) {
	for _, p := range elbPolicies() {
		if strings.EqualFold(p.name, name) {
			return p.side(), true
		}
	}
	return TLSSide{}, false
}

func (p elbPolicy) side() TLSSide {
	var side TLSSide
	started := false
	for _, protocol := range newestFirst() {
		started = started || protocol == p.newest
		if started {
			side.Protocols = append(side.Protocols, protocol)
		}
		if protocol == p.oldest {
			break
		}
	}
	for _, c := range elbCipherOrder() {
		if c.group&p.sets != 0 {
			side.Ciphers = append(side.Ciphers, c.name)
		}
	}
	return side
}
