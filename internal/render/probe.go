package render

import (
	"fmt"
	"io"
	"strings"

	"cfdoctor/internal/blackbox"
)

// Probe writes what was seen of a URL from outside, as text or JSON.
func Probe(w io.Writer, format string, r *blackbox.Report, o Options) error {
	switch format {
	case "text":
		return writeText(w, newProbeDocument(r, o.Verbose), o)
	case "json":
		return writeJSON(w, r)
	}
	return fmt.Errorf("a probe is written as text or json, not as %q", format)
}

// newProbeDocument builds the document of a probe: who made the answer, what to do, and then what was seen.
func newProbeDocument(r *blackbox.Report, full bool) *document {
	c := &probeContent{r: r, full: full}
	d := &document{title: "Probe of " + r.URL, top: c.top()}
	for _, s := range []section{c.problems(), c.answer(), c.redirects(), c.name(), c.edge(), c.cache(), c.commands()} {
		if len(s.blocks) > 0 {
			d.sections = append(d.sections, s)
		}
	}
	return d
}

type probeContent struct {
	r    *blackbox.Report
	full bool
}

func (c *probeContent) top() []block {
	mark := map[string]headline{
		blackbox.Fine: {mark: "✓", tone: good}, blackbox.Failing: {mark: "✗", tone: bad}, blackbox.Unknown: {mark: "?", tone: warn},
	}[c.r.State]
	mark.text = c.headline()
	out := []block{paragraph{in(strong, c.r.Method+" "+c.r.URL)}, mark, paragraph{say(c.meaning())}}
	if len(c.r.Answer.Reasons) > 0 {
		out = append(out, paragraph{in(dim, "How sure: ").plus(c.certainty()).and(dim, ", because of "+strings.Join(c.r.Answer.Reasons, "; ")+".")})
	}
	out = append(out, subhead{in(strong, "What to do next")})
	purpose := ""
	for _, n := range c.r.Next {
		if n.Command == "" {
			out = append(out, paragraph{say(n.Purpose + ".")})
			continue
		}
		shown := command{purpose: n.Purpose, text: n.Command}
		if n.Purpose == purpose {
			shown.purpose = ""
		}
		purpose = n.Purpose
		out = append(out, shown)
	}
	return out
}

// meaning is the verdict without what the headline says already.
func (c *probeContent) meaning() string {
	if a := c.r.Answer; a.Error != "" && a.Status != 0 && !c.r.Loop {
		return a.Means
	}
	return c.r.Verdict
}

func (c *probeContent) headline() string {
	a := c.r.Answer
	switch {
	case c.r.State == blackbox.Fine:
		return fmt.Sprintf("%d from %s", a.Status, blackbox.Who(a.AnsweredBy))
	case c.r.State == blackbox.Unknown:
		return "Nobody could look"
	case c.r.Loop:
		return "The redirects go round in circles"
	case a.Status == 0:
		return "No HTTP answer: " + orElse(a.Failure, a.Error)
	case a.Masked:
		return fmt.Sprintf("%d, in place of an error", a.Status)
	case a.Error != "":
		return fmt.Sprintf("%d from %s: %s", a.Status, blackbox.Who(a.AnsweredBy), a.Error)
	}
	return fmt.Sprintf("%d, with something wrong", a.Status)
}

func (c *probeContent) certainty() string {
	a := c.r.Answer
	if a.Evidence == "" {
		return a.Certainty
	}
	return a.Certainty + " (" + a.Evidence + ")"
}

func (c *probeContent) problems() section {
	s := section{id: "problems", title: "What is not as it should be"}
	var items []line
	for _, p := range c.r.Problems {
		tone := map[string]tone{"error": bad, "warning": warn}[p.Level]
		item := in(tone, p.Level+": ").plus(p.Text)
		if p.Cause != "" {
			item = item.and(dim, " "+p.Cause)
		}
		items = append(items, item)
	}
	if len(items) > 0 {
		s.blocks = append(s.blocks, list{items: items})
	}
	return s
}

// row adds a fact unless it has no value.
func row(rows []fact, name, value string) []fact {
	if value == "" {
		return rows
	}
	return append(rows, fact{name, say(value)})
}

func (c *probeContent) answer() section {
	a := c.r.Answer
	var rows []fact
	if a.Status != 0 {
		rows = row(rows, "Status", fmt.Sprint(a.Status))
		by := blackbox.Who(a.AnsweredBy)
		if a.Masked {
			by = "a custom error response of the distribution"
		}
		rows = row(rows, "Made by", by+", "+c.certainty())
	}
	rows = row(rows, "CloudFront says", a.Says)
	rows = row(rows, "X-Cache", a.XCache)
	rows = row(rows, "Server", a.Server)
	rows = row(rows, "Age", a.Age)
	rows = row(rows, "Via", a.Via)
	rows = row(rows, "Edge location", a.EdgeLocation)
	rows = row(rows, "Request id", a.RequestID)
	if a.FirstByteMS > 0 {
		rows = row(rows, "First byte", fmt.Sprintf("%d ms", a.FirstByteMS))
	}
	rows = row(rows, "Known from", a.Source)
	rows = row(rows, "Usual causes", strings.Join(a.Causes, ", "))
	s := section{id: "answer", title: "The answer"}
	if len(rows) > 0 {
		s.blocks = append(s.blocks, facts{rows})
	}
	return s
}

// redirects draws the way of the request.
func (c *probeContent) redirects() section {
	s := section{id: "redirects", title: "The request's way"}
	if len(c.r.Redirects) < 2 && !c.r.Loop && (len(c.r.Redirects) == 0 || c.r.Redirects[0].Location == "") {
		return s
	}
	var items []line
	for _, h := range c.r.Redirects {
		item := say(h.URL + " ")
		if h.Status != 0 {
			item = item.and(statusTone(h.Status), fmt.Sprintf("→ %d", h.Status))
		}
		if h.Location != "" {
			item = item.plus(" to " + h.Location)
		}
		if h.Note != "" {
			item = item.and(warn, " ("+h.Note+")")
		}
		items = append(items, item)
	}
	s.blocks = append(s.blocks, list{items: items, ordered: true})
	return s
}

func (c *probeContent) name() section {
	d := c.r.DNS
	var rows []fact
	rows = row(rows, "Leads to", strings.Join(d.Chain, " → "))
	if d.Target != "" {
		rows = row(rows, "CloudFront", d.Target+", the name of a distribution or of a connection group")
	}
	rows = row(rows, "IPv4", strings.Join(d.Addresses, ", "))
	rows = row(rows, "IPv6", strings.Join(d.IPv6, ", "))
	rows = row(rows, "HTTPS record", strings.Join(d.HTTPS, "; "))
	rows = row(rows, "CAA", strings.Join(d.CAA, "; "))
	rows = row(rows, "Asked", d.Resolver)
	rows = row(rows, "Note", d.Note)
	s := section{id: "dns", title: "Where the name leads"}
	if len(rows) > 0 {
		s.blocks = append(s.blocks, facts{rows})
	}
	return s
}

func (c *probeContent) edge() section {
	s := section{id: "edge", title: "The connection"}
	var rows []fact
	if t := c.r.TLS; t != nil {
		rows = c.handshake(rows)
	}
	for _, v := range c.r.Versions {
		text := v.State
		if v.Status != 0 {
			text += fmt.Sprintf(" with %d", v.Status)
		}
		if v.Note != "" {
			text += ": " + v.Note
		}
		rows = row(rows, "HTTP/"+v.Version, text)
	}
	if p := c.r.PlainHTTP; p != nil {
		text := p.State
		if p.Status != 0 {
			text += fmt.Sprintf(" (%d)", p.Status)
		}
		if p.Location != "" {
			text += " to " + p.Location
		}
		if p.Note != "" {
			text += ": " + p.Note
		}
		rows = row(rows, "Plain HTTP", text)
	}
	if len(rows) > 0 {
		s.blocks = append(s.blocks, facts{rows})
	}
	return s
}

func (c *probeContent) handshake(rows []fact) []fact {
	t := c.r.TLS
	rows = row(rows, "Address", t.Address)
	negotiated := strings.TrimSpace(t.Version + " " + t.Cipher)
	if t.Protocol != "" {
		negotiated += ", " + t.Protocol
	}
	rows = row(rows, "TLS", negotiated)
	rows = row(rows, "TLS failure", t.Failure)
	rows = row(rows, "Note", t.Note)
	if t.OldAccepted != nil {
		rows = row(rows, "TLS 1.0 and 1.1", map[bool]string{true: "still accepted", false: "refused"}[*t.OldAccepted])
	}
	cert := t.Certificate
	if cert == nil {
		return rows
	}
	covers := "covers the host"
	if !cert.Covers {
		covers = "does not cover the host"
	}
	names := strings.Join(cert.Names, ", ")
	if !c.full && len(cert.Names) > 5 {
		names = strings.Join(cert.Names[:5], ", ") + fmt.Sprintf(" and %d more", len(cert.Names)-5)
	}
	rows = row(rows, "Certificate", names+"; "+covers)
	rows = row(rows, "Valid until", fmt.Sprintf("%s, %s left", cert.NotAfter, count(cert.DaysLeft, "day", "days")))
	rows = row(rows, "Issued by", cert.Issuer)
	rows = row(rows, "Trust", cert.Trust)
	return rows
}

func (c *probeContent) cache() section {
	s := section{id: "cache", title: "The cache"}
	var rows []fact
	rows = row(rows, "First answer", c.r.Cache.First)
	rows = row(rows, "Asked again", c.r.Cache.Second)
	rows = row(rows, "Age", c.r.Cache.Age)
	rows = row(rows, "Result", c.r.Cache.Note)
	if len(rows) > 0 {
		s.blocks = append(s.blocks, facts{rows})
	}
	return s
}

func (c *probeContent) commands() section {
	s := section{id: "commands", title: "See for yourself"}
	for _, cmd := range c.r.Commands {
		s.blocks = append(s.blocks, command{purpose: cmd.Purpose, text: cmd.Command})
	}
	return s
}
