package doctor

import (
	"strings"

	"cfdoctor/internal/cause"
	"cfdoctor/internal/report"
)

// whoAsks says what to add to the question where a cause stays open for want of the viewer's address or country: both are the asker's to give, and no
// read of the account tells them. The reason that a verdict gives is all that tells which of a rule's conditions is open.
func (a *adviser) whoAsks(result cause.Result) {
	var flags, inputs, names []string
	add := func(missing bool, thing, flag, placeholder, input string) {
		if missing && openFor(result, thing) {
			flags, inputs, names = append(flags, flag, placeholder), append(inputs, placeholder+": "+input), append(names, flag)
		}
	}
	r := a.q.Request
	add(!r.ClientIP.IsValid(), "address", "--viewer-ip", "VIEWER_ADDRESS", "the failing viewer's public IP address; the access log's field c-ip has it")
	add(r.Country == "", "country", "--viewer-country", "VIEWER_COUNTRY", "the failing viewer's country, two letters (ISO 3166-1); the access log's field c-country has it")
	if len(flags) == 0 {
		return
	}
	a.step("Whether the viewer is let in depends on who asks: add "+strings.Join(names, " and ")+", and diagnose again", a.again(flags, inputs))
}

// openFor reports whether a finding that explains the symptom is not sure because something of the viewer is not known.
func openFor(result cause.Result, thing string) bool {
	for _, f := range result.Findings {
		because := f.Verdict.Because
		if f.Explains && f.Verdict.Likelihood() != cause.GradeConfirmed && strings.Contains(because, "viewer's "+thing) && strings.Contains(because, "not known") {
			return true
		}
	}
	return false
}

// again is the same diagnosis with more of the request.
func (a *adviser) again(flags, inputs []string) []report.Command {
	q := a.q
	q.Request, q.PathGiven = a.shown.Request, true
	words := append([]string{"cfdoctor", "diagnose", a.m.ID()}, q.flags(a.m)...)
	inputs = append(inputs, "the first diagnosis's door to the account, such as --profile or --from")
	return terminal("Diagnose again with what is known of the viewer", "", inputs, append(words, flags...)...)
}
