package render

import (
	"cfdoctor/internal/report"
)

// Measures of the drawing, in SVG units.
const (
	stopGap    = 34 // from one stage to the next
	stopRadius = 11
	trackY     = 16
)

// drawWay draws the stages as stops on a line from the viewer to the answer: solid as far as the request gets.
func drawWay(t report.Trace) node {
	width := stopGap*len(t.Steps) + 140
	svg := el("svg").with("viewBox", "0 0 "+itoa(width)+" 58").with("role", "img").with("width", itoa(width)).
		with("aria-label", "The request's way from the viewer through "+itoa(len(t.Steps))+" stages")
	svg = svg.add(drawText(4, trackY+5, "viewer", "label"))
	reached := 0
	for i, s := range t.Steps {
		if s.Verdict != "skipped" {
			reached = i
		}
	}
	svg = svg.add(drawLine(56, stopX(reached), "reached"), drawLine(stopX(reached), stopX(len(t.Steps)), "unreached"))
	for i, s := range t.Steps {
		svg = svg.add(drawStop(i, s, nameClass(i, len(t.Steps), s.Stage == t.StoppedAt)))
	}
	return el("figure", svg)
}

// stopX is where a stop stands.
func stopX(i int) int { return 76 + stopGap*i }

func drawLine(from, to int, class string) node {
	return el("line").with("x1", itoa(from)).with("x2", itoa(to)).with("y1", itoa(trackY)).with("y2", itoa(trackY)).class(class)
}

func drawText(x, y int, words, class string) node {
	return el("text", text(words)).with("x", itoa(x)).with("y", itoa(y)).class(class)
}

// nameClass says where the name of the deciding stop stands, so that it stays within the picture; "" for every other stop.
func nameClass(i, stops int, decides bool) string {
	switch {
	case !decides:
		return ""
	case 3*i < stops:
		return "name left"
	case 3*i >= 2*stops:
		return "name right"
	}
	return "name"
}

func drawStop(i int, s report.Step, class string) node {
	shown := stage{verdict: s.Verdict, status: s.Status}
	mark, tone := shown.mark()
	title := orElse(s.Title, s.Stage)
	circle := el("circle").with("cx", itoa(stopX(i))).with("cy", itoa(trackY)).with("r", itoa(stopRadius)).class("stop " + toneClass(tone))
	out := el("g", el("title", text(title+": "+s.Summary)), circle, drawText(stopX(i), trackY+5, mark, "sign"))
	if class != "" {
		name := title
		if s.Status != 0 {
			name += " → " + itoa(s.Status)
		}
		out = out.add(drawText(stopX(i), trackY+34, name, class))
	}
	return out
}
