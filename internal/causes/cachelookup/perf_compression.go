package cachelookup

import (
	"path"
	"slices"
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/causes/passage"
	"cfdoctor/internal/causes/posture"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
)

var perfCompression = &cause.Cause{
	ID:        "PERF_COMPRESSION",
	Title:     "A cache behavior sends text uncompressed",
	Stage:     stage,
	Severity:  cause.Low,
	Proactive: true,
	Doc: cause.Doc{
		Explain: `CloudFront can compress text, such as HTML, CSS, scripts and JSON, with gzip and Brotli for viewers that accept it, which all browsers do. Text shrinks to a
quarter or less. Compression is switched off here: pages take longer to load, and the traffic costs more.`,
		Why:     "The switch is off in the API and in templates unless it is set.",
		Example: "Compress of the default behavior is false.",
		References: []string{
			guide + "ServingCompressedFiles.html",
		},
		Since: "0.1",
	},
	Detect: func(p *cause.Pass) cause.Verdict {
		list, unread := uncompressed(p.Model)
		refs := make([]evidence.Ref, len(list))
		for i, b := range list {
			refs[i] = p.Model.Ref(b.Field+".Compress", "false", "text is sent as it is").Want("true")
		}
		switch {
		case len(list) > 0:
			return cause.Confirm(p.BehaviorName(list[0]), "CloudFront does not compress what it serves for "+posture.Patterns(list)+". Text takes several times as long to arrive, and its traffic costs as much more.", refs...).
				WithBecause("the switch is off, and the behaviors keep answers, which CloudFront can compress").Needing(unread...)
		case len(unread) > 0:
			return cause.Need("whether the behaviors without compression keep answers was not read", unread...)
		}
		return cause.RuleOut("every behavior that keeps answers compresses, or is for files that are compressed already", p.Model.Ref("DefaultCacheBehavior.Compress", "", ""))
	},
	Fixes: func(p *cause.Pass, _ cause.Verdict) []fix.Fix {
		list, _ := uncompressed(p.Model)
		f := fix.Fix{
			Title:       "Let CloudFront compress",
			Complexity:  fix.Quick,
			Minutes:     10,
			Impact:      "None: answers arrive sooner, and what is in the cache already stays as it is until it expires or is invalidated",
			Explanation: "CloudFront compresses text of 1,000 to 10,000,000 bytes as it fetches it from the origin",
			SideEffects: []string{"Strong ETags become weak ones in compressed answers"},
			Confidence:  fix.High,
		}
		var edits []fix.Edits
		for _, b := range list {
			edits = append(edits, fix.SetCompress(passage.Key(b), true))
			if forwarding := b.Forwarding(); !forwarding.Legacy() && !forwarding.Gzip && !forwarding.Brotli {
				f.SideEffects = append(f.SideEffects, "The cache policy of "+b.PathPattern+" has neither gzip nor Brotli: nothing is compressed until those are on too")
			}
		}
		f.Changes = []fix.Change{fix.EditDistribution(p.Model.ID(), edits...)}
		return []fix.Fix{f}
	},
}

// packed are extensions of files that are compressed by themselves.
func packed() []string {
	return []string{".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".mp4", ".m4s", ".ts", ".webm", ".mp3", ".aac", ".zip", ".gz", ".br", ".7z", ".woff", ".woff2", ".pdf"}
}

// uncompressed lists the behaviors that could compress and do not; unread are the policies without which that cannot be told.
func uncompressed(m *edge.Model) (list []*edge.Behavior, unread []evidence.Gap) {
	for _, b := range m.Behaviors {
		switch f := b.Forwarding(); {
		case deref(b.Config.Compress), slices.Contains(packed(), strings.ToLower(path.Ext(b.PathPattern))):
		case !f.TTLKnown:
			unread = append(unread, b.CachePolicy)
		case f.CachingDisabled().Yes(): // CloudFront compresses only what it may keep
		default:
			list = append(list, b)
		}
	}
	return list, unread
}
