package signedaccess

import (
	"strings"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cause"
	"cfdoctor/internal/cloudfront/signed"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/fix"
)

var signedUnknownKey = &cause.Cause{
	ID:       "SIGNED_UNKNOWN_KEY",
	Title:    "The signature names a key that the behavior does not trust",
	Stage:    stage,
	Symptoms: []int{403},
	Severity: cause.Critical,
	Doc: cause.Doc{
		Explain: `Key-Pair-Id tells CloudFront with which public key to check a signature. It has to be the id of a key in one of the behavior's key groups,
or of a key pair of one of its trusted signers; for any other id CloudFront answers 403 with "Unknown Key".`,
		Why: `A key was rotated out of the group while the application still signs with it, the id of the key group or of the private key's file was taken for
that of the public key, or the URL was signed for another environment.`,
		Example: "Key-Pair-Id=K2OLD… while the key group lists K3NEW… only.",
		References: []string{
			guide + "private-content-trusted-signers.html",
			guide + "http-403-permission-denied.html",
			"https://repost.aws/knowledge-center/cloudfront-troubleshoot-signed-url-cookies",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		return judge(p, []signed.Check{signed.KnownKey}, func(s *edge.SignedAccess, r signed.CheckResult) words {
			id := s.Credentials.KeyPairID
			w := words{summary: "The signature names the key " + id + ", which is in no key group and of no signer that the behavior " +
				p.Trace.Behavior.PathPattern + " trusts."}
			for _, group := range s.Groups {
				fact := account.KeyGroup(group).In(p.World)
				if config := fact.Or(account.KeyGroupOutput{}).KeyGroup.KeyGroupConfig; config != nil {
					w.refs = append(w.refs, fact.Ref("KeyGroup.KeyGroupConfig.Items").With(strings.Join(config.Items, ", "), id+" is not among them"))
				}
			}
			return w
		})
	},
	Fixes: func(p *cause.Pass, v cause.Verdict) []fix.Fix {
		s := p.Exchange().Signed
		var trusted []string
		for _, k := range s.Keys {
			trusted = append(trusted, k.ID)
		}
		again := signAgain("Sign with a key that the behavior trusts", "The signature then names a key that CloudFront knows.",
			"Let the application sign with the private key of one of these, and send its id as Key-Pair-Id: "+strings.Join(trusted, ", ")+".")
		again.ByHand = keysByHand(s.Groups)
		return []fix.Fix{again, trustKey(p, s)}
	},
}

// keysPerGroup is how many public keys a key group takes (DG/cloudfront-limits).
const keysPerGroup = 5

// trustKey is the remedy that adds the key to a group. It can be made where the key is known to be one of this account's.
func trustKey(p *cause.Pass, s *edge.SignedAccess) fix.Fix {
	id := s.Credentials.KeyPairID
	f := signAgain("Trust the key "+id,
		"CloudFront accepts every key of the behavior's key groups, up to five in a group, so that an old and a new key can be valid side by side.")
	f.SideEffects = []string{"Whoever has that private key can sign for everything that trusts the group: leave a key out that was taken out on purpose"}
	f.Complexity, f.Minutes, f.Compromise = fix.Quick, 15, true
	group := groupWithRoom(p, s.Groups)
	switch key := account.PublicKey(id).In(p.World); {
	case key.IsKnown() && group != "":
		f.Changes = []fix.Change{fix.EditKeyGroup(group, fix.AddPublicKey(id))}
	case key.IsAbsent():
		f.Manual = []string{
			"No public key of this account has this id. Import the public key of the pair that the application signs with (CloudFront console, Public keys, Create public key), and send the id that it gets as Key-Pair-Id.",
			"Key management, Key groups: select " + strings.Join(s.Groups, " or ") + ", choose Edit, add the new public key, and choose Save.",
		}
		f.ByHand = keysByHand(s.Groups)
	default:
		f.Manual = []string{
			"Make sure that the key is yours: CloudFront console, Key management, Public keys. A key of another account cannot be added; import its public key as a new one and sign with the id that it gets.",
			"Key management, Key groups: select " + strings.Join(s.Groups, " or ") + ", choose Edit, add the public key, and choose Save. A group is full with five keys.",
		}
		f.ByHand = keysByHand(s.Groups)
	}
	return f
}

// groupWithRoom is the first of the groups that takes one more key, "" for none that is known to.
func groupWithRoom(p *cause.Pass, groups []string) string {
	for _, id := range groups {
		config := account.KeyGroup(id).In(p.World).Or(account.KeyGroupOutput{}).KeyGroup.KeyGroupConfig
		if config != nil && len(config.Items) < keysPerGroup {
			return id
		}
	}
	return ""
}
