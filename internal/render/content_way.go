package render

import (
	"fmt"
	"strings"

	"cfdoctor/internal/report"
)

// newTraceDocument builds the document of a simulation: the way and nothing else.
func newTraceDocument(r *report.Report, full bool) *document {
	c := &content{r: r, full: full}
	way := c.way()
	return &document{title: "Simulation of " + c.request(), top: append(c.asked(), way.blocks...)}
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
		for !c.full && quiet(steps[i]) && end < len(steps) && steps[end].Verdict == steps[i].Verdict && c.foldable(steps[i], steps[end]) {
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

func run(steps []report.Step) stage {
	var titles []string
	for _, s := range steps {
		titles = append(titles, orElse(s.Title, s.Stage))
	}
	words := "stages let it through"
	if steps[0].Verdict == "skipped" {
		words = "stages not reached or not in use"
	}
	return stage{verdict: steps[0].Verdict, title: fmt.Sprintf("%d %s", len(steps), words), summary: strings.Join(titles, ", "), run: true}
}
