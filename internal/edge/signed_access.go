package edge

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront/signed"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/tri"
)

// SignedAccess is the check of a signed URL or cookie.
type SignedAccess struct {
	// Groups are the key groups, Accounts the trusted signers that the behavior names.
	Groups, Accounts []string
	// Keys are the keys that may sign; KeysComplete is false where a group or a signer could not be read.
	Keys         []signed.Key
	KeysComplete bool
	Credentials  signed.Credentials
	Verdict      signed.Verdict
	// Missing are the reads that would complete the keys.
	Missing []evidence.Gap
}

var signedAccess = &Stage{
	ID:    "signed-access",
	Title: "Signed URL or signed cookies",
	Doc: "A behavior with trusted key groups or trusted signers serves only requests with a valid signed URL or signed cookies; others get 403 with a " +
		"short XML text. The order relative to the web ACL is not documented; in an experiment the signature was checked first.",
	Sources: []string{"DG/private-content-trusted-signers", "DG/private-content-signed-urls", "DG/private-content-signed-cookies", "DG/http-403-permission-denied"},
	Run:     runSignedAccess,
}

func runSignedAccess(x *Exchange) Step {
	if !x.Behavior.restrictsViewers() {
		step := x.Pass("The behavior asks for no signature")
		if x.Explain {
			step = step.WithEvidence(x.behaviorRef("TrustedKeyGroups.Enabled", "false", ""))
		}
		return step
	}
	facts := x.Behavior.data.signers.get(func() *signerFacts { return x.Model.compileSigners(x.Behavior) })
	x.Signed = x.checkSignature(facts)
	v := &x.Signed.Verdict
	with := func(s Step, note string) Step {
		if !x.Explain {
			return s
		}
		s = s.WithEvidence(x.ref(facts.field, facts.names, note))
		for _, gap := range facts.missing {
			s = s.WithEvidence(gap.Ref(""))
		}
		return s
	}
	switch v.Valid {
	case tri.True:
		return with(x.Pass("The signature is valid"), "")
	case tri.False:
		if x.Current.Method == "OPTIONS" {
			x.possibly(Alternative{If: "CloudFront lets OPTIONS requests pass without a signature, which is not documented"})
		}
		step := x.Stop(403, ByCloudFront, "")
		x.Response.Code = v.Code
		return with(x.worded(step, "The path is for signed URLs or cookies only, and this request is refused: %s", v.Because), v.Because)
	}
	return with(x.worded(x.Unsure(Alternative{Status: 403, If: "the signature is not valid"}, ""), "Whether the signature is valid is not known: %s", v.Because), v.Because)
}

func (x *Exchange) checkSignature(f *signerFacts) *SignedAccess {
	var cookies []signed.Pair
	for _, c := range x.Current.Cookies() {
		cookies = append(cookies, signed.Pair{Name: c.Name, Value: c.Value})
	}
	s := &SignedAccess{Groups: f.groups, Accounts: f.accounts, Keys: f.keys, KeysComplete: f.complete, Missing: f.missing}
	s.Credentials = signed.Find(x.Current.Query, cookies)
	s.Verdict = signed.Verify(s.Credentials, f.keys, f.complete, signed.Request{
		Scheme: x.Viewer.Scheme, Host: x.Viewer.Host, Path: x.Current.Path, RawQuery: x.Current.Query,
		AltHosts: f.hosts, ClientIP: x.Viewer.ClientIP, Now: x.Model.World.Now,
	})
	return s
}

// signerFacts are the keys that a behavior trusts.
type signerFacts struct {
	groups, accounts []string
	keys             []signed.Key
	complete         bool
	missing          []evidence.Gap
	hosts            []string
	field, names     string // where the configuration names them, for evidence
}

func (m *Model) compileSigners(b *Behavior) *signerFacts {
	f := &signerFacts{complete: true, hosts: append([]string{m.DomainName()}, m.Aliases()...)}
	if g := b.Config.TrustedKeyGroups; g != nil && deref(g.Enabled) {
		f.groups = g.Items
		f.field, f.names = b.Field+".TrustedKeyGroups.Items", strings.Join(g.Items, ", ")
		for _, id := range g.Items {
			m.addKeyGroup(f, id)
		}
	}
	if s := b.Config.TrustedSigners; s != nil && deref(s.Enabled) {
		f.accounts = s.Items
		f.field, f.names = b.Field+".TrustedSigners.Items", strings.Join(append(slices.Clone(f.groups), s.Items...), ", ")
		for _, signer := range s.Items {
			m.addSigner(f, signer)
		}
	}
	return f
}

// addKeyGroup adds the keys of a group. Where the group could not be read, the distribution itself tells the ids of its keys.
func (m *Model) addKeyGroup(f *signerFacts, id string) {
	fact := account.KeyGroup(id).In(m.World)
	if config := fact.Or(account.KeyGroupOutput{}).KeyGroup.KeyGroupConfig; config != nil {
		for _, key := range config.Items {
			m.addKey(f, key)
		}
		return
	}
	if fact.IsAbsent() {
		return
	}
	f.missing = append(f.missing, fact)
	for _, g := range deref(m.Distribution.ActiveTrustedKeyGroups).Items {
		if str(g.KeyGroupId) == id && g.KeyPairIds != nil {
			for _, key := range g.KeyPairIds.Items {
				m.addKey(f, key)
			}
			return
		}
	}
	f.complete = false
}

func (m *Model) addKey(f *signerFacts, id string) {
	fact := account.PublicKey(id).In(m.World)
	key := signed.Key{ID: id}
	if config := fact.Or(account.PublicKeyOutput{}).PublicKey.PublicKeyConfig; config != nil {
		key.PEM = str(config.EncodedKey)
	} else if fact.Missing() {
		f.missing = append(f.missing, fact)
	}
	f.keys = append(f.keys, key)
}

// addSigner adds the ids of an account's key pairs, which the distribution lists; the keys themselves nobody can read. "self" is the
// account that owns the distribution (API reference, TrustedSigners).
func (m *Model) addSigner(f *signerFacts, signer string) {
	for _, s := range deref(m.Distribution.ActiveTrustedSigners).Items {
		if str(s.AwsAccountNumber) != signer || s.KeyPairIds == nil {
			continue
		}
		for _, id := range s.KeyPairIds.Items {
			f.keys = append(f.keys, signed.Key{ID: id})
		}
		return
	}
	f.complete = false
}

// functionAssociated returns the CloudFront Function of a behavior for an event, "" for none, and where it is named.
func (b *Behavior) functionAssociated(event types.EventType) (arn, field string) {
	if b.Config.FunctionAssociations == nil {
		return "", ""
	}
	for _, a := range b.Config.FunctionAssociations.Items {
		if a.EventType == event {
			return str(a.FunctionARN), b.Field + ".FunctionAssociations"
		}
	}
	return "", ""
}
