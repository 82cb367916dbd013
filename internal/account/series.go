package account

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Point is one data point of a metric: the value of the period that begins at Time.
type Point struct {
	Time  time.Time
	Value float64
}

// Series is a metric over time, oldest point first. A period without data has no point: for a count nothing happened then, for a rate or a
// time nothing is known.
type Series struct {
	Label  string
	Points []Point
}

// Series returns the points of the results with exactly this label, oldest first, whatever order CloudWatch gave them in (newest first unless
// asked otherwise, and in parts where an answer has pages: CW/GetMetricData). Found is false where no result has the label; a metric that
// was asked for and has no data is found, and has no points.
func (o MetricDataOutput) Series(label string) (s Series, found bool) {
	s.Label = label
	for _, r := range o.MetricDataResults {
		if r.Label == nil || *r.Label != label {
			continue
		}
		found = true
		for i := range min(len(r.Timestamps), len(r.Values)) {
			if v := r.Values[i]; !math.IsNaN(v) && !math.IsInf(v, 0) {
				s.Points = append(s.Points, Point{r.Timestamps[i], v})
			}
		}
	}
	slices.SortStableFunc(s.Points, func(a, b Point) int { return a.Time.Compare(b.Time) })
	return s, found
}

// Latest is the newest point; ok is false without any.
func (s Series) Latest() (p Point, ok bool) {
	if len(s.Points) == 0 {
		return Point{}, false
	}
	return s.Points[len(s.Points)-1], true
}

// Max is the highest point, the newest of several; ok is false without any.
func (s Series) Max() (p Point, ok bool) {
	if len(s.Points) == 0 {
		return Point{}, false
	}
	return slices.MaxFunc(s.Points, func(a, b Point) int {
		return cmp.Or(cmp.Compare(a.Value, b.Value), a.Time.Compare(b.Time))
	}), true
}

// Sum adds the values up, which means something for counts only.
func (s Series) Sum() float64 {
	var sum float64
	for _, p := range s.Points {
		sum += p.Value
	}
	return sum
}

// Mean is the plain average of the points, whatever the traffic in each; ok is false without any.
func (s Series) Mean() (mean float64, ok bool) {
	if len(s.Points) == 0 {
		return 0, false
	}
	return s.Sum() / float64(len(s.Points)), true
}

// Between returns the points with from ≤ time < to.
func (s Series) Between(from, to time.Time) Series {
	out := Series{Label: s.Label}
	for _, p := range s.Points {
		if !p.Time.Before(from) && p.Time.Before(to) {
			out.Points = append(out.Points, p)
		}
	}
	return out
}

// Shift is a clean step in a series: every point from At on lies above, or every one below, every point before it.
type Shift struct {
	At            time.Time // the first period of the new level
	Before, After float64   // the means on both sides
}

// Up reports whether the level rose.
func (s Shift) Up() bool { return s.After > s.Before }

// Shift finds the step that a series shows, if it shows one that lasts until now and is at least as high as least. Of several places the one
// with the greatest difference of means counts; a series that goes up and down again has none.
func (s Series) Shift(least float64) (shift Shift, ok bool) {
	for i := 1; i < len(s.Points); i++ {
		before, after := Series{Points: s.Points[:i]}, Series{Points: s.Points[i:]}
		if !above(after, before) && !above(before, after) {
			continue
		}
		b, _ := before.Mean()
		a, _ := after.Mean()
		if difference := math.Abs(a - b); difference >= least && (!ok || difference > math.Abs(shift.After-shift.Before)) {
			shift, ok = Shift{At: s.Points[i].Time, Before: b, After: a}, true
		}
	}
	return shift, ok
}

// above reports whether every point of one series lies above every point of the other.
func above(high, low Series) bool {
	top, ok := low.Max()
	return ok && !slices.ContainsFunc(high.Points, func(p Point) bool { return p.Value <= top.Value })
}
