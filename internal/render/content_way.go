package render

import (
	"fmt"
	"strings"

	"cfdoctor/internal/report"
)

// newTraceDocument builds the document of a simulation: the way, a line a stage, and the request that the origin gets.
func newTraceDocument(r *report.Report, full bool) *document {
	c := &content{r: r, full: full, each: true}
	top := append(c.asked(), c.way().blocks...)
	top = append(top, c.seen().blocks...)
	return &document{title: "Simulation of " + c.request(), top: append(top, c.forwarded()...)}
}

// forwarded shows the request that CloudFront sends to the origin as HTTP text.
func (c *content) forwarded() []block {
	f := c.r.Trace.Forwarded
	if f == nil {
		return nil
	}
	how := "CloudFront asks " + f.Connect
	if f.Signed {
		how += ", with its own signature"
	}
	if !f.HeadersKnown {
		how += "; a policy that decides the headers could not be read, so there may be others"
	}
	lines := []string{f.Method + " " + f.Path + " HTTP/1.1"}
	for _, h := range f.Headers {
		lines = append(lines, h.Name+": "+h.Value)
	}
	return []block{paragraph{say(how + ":")}, command{text: strings.Join(lines, "\n")}}
}

// way is the request's way through the stages, and the outcomes that the evidence leaves open.
func (c *content) way() section {
	s := section{id: "way", title: "The request's way"}
	if len(c.r.Trace.Steps) == 0 {
		return s
	}
	s.blocks = append(s.blocks, way{c.stages()})
	var open []line
	weak := 0
	for _, a := range c.r.Trace.Alternatives {
		if a.Weak && !c.full {
			weak++
			continue
		}
		open = append(open, in(alternativeTone(a.Status), alternative(a.Status)).plus(" if "+strings.TrimPrefix(a.If, "if ")))
	}
	if weak > 0 {
		open = append(open, in(dim, count(weak, "outcome", "outcomes")+" that nothing in the evidence points to"))
	}
	if len(open) > 0 {
		s.blocks = append(s.blocks, paragraph{say("What the evidence leaves open:")}, list{items: open})
	}
	return s
}

func alternativeTone(status int) tone {
	if status == 0 {
		return warn
	}
	return statusTone(status)
}

func alternative(status int) string {
	if status == 0 {
		return "another answer"
	}
	return fmt.Sprint(status)
}

// stages lists the steps; without full, runs of stages that did nothing become one line.
func (c *content) stages() []stage {
	var out []stage
	steps := c.r.Trace.Steps
	for i := 0; i < len(steps); {
		end := i + 1
		for !c.full && !c.each && quiet(steps[i]) && end < len(steps) && quiet(steps[end]) && c.foldable(steps[i], steps[end]) {
			end++
		}
		if end-i == 1 {
			out = append(out, c.stage(steps[i]))
		} else {
			out = append(out, run(steps[i:end]))
		}
		i = end
	}
	return out
}

func quiet(s report.Step) bool { return s.Verdict == "pass" || s.Verdict == "skipped" }

// foldable keeps the stage that decided out of runs.
func (c *content) foldable(a, b report.Step) bool {
	return a.Stage != c.r.Trace.StoppedAt && b.Stage != c.r.Trace.StoppedAt
}

func (c *content) stage(s report.Step) stage {
	out := stage{
		verdict: s.Verdict, status: s.Status, title: orElse(s.Title, s.Stage), summary: s.Summary,
		decides: s.Stage == c.r.Trace.StoppedAt && s.Verdict != "skipped",
	}
	if c.full {
		out.detail, out.refs = s.Detail, s.Evidence
	}
	return out
}

// run is a line for several stages that did nothing to the request: those that let it through, and those that had no part.
func run(steps []report.Step) stage {
	var passed, skipped []string
	for _, s := range steps {
		if s.Verdict == "pass" {
			passed = append(passed, orElse(s.Title, s.Stage))
		} else {
			skipped = append(skipped, orElse(s.Title, s.Stage))
		}
	}
	const aside = "not reached or not in use"
	if len(passed) == 0 {
		return stage{verdict: "skipped", title: count(len(skipped), "stage", "stages") + " " + aside, summary: strings.Join(skipped, ", "), run: true}
	}
	out := stage{verdict: "pass", title: count(len(passed), "stage lets", "stages let") + " it through", summary: strings.Join(passed, ", "), run: true}
	if len(skipped) > 0 {
		out.summary += "; " + aside + ": " + strings.Join(skipped, ", ")
	}
	return out
}
