package account

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// result makes a result with one value an hour, newest first, as CloudWatch answers.
func result(label string, newestFirst ...float64) types.MetricDataResult {
	r := types.MetricDataResult{Label: &label}
	for i, v := range newestFirst {
		r.Timestamps, r.Values = append(r.Timestamps, noon.Add(-time.Duration(i)*time.Hour)), append(r.Values, v)
	}
	return r
}

func series(oldestFirst ...float64) Series {
	slices.Reverse(oldestFirst)
	s, _ := MetricDataOutput{MetricDataResults: []types.MetricDataResult{result("x", oldestFirst...)}}.Series("x")
	return s
}

func TestSeriesByLabel(t *testing.T) {
	out := MetricDataOutput{MetricDataResults: []types.MetricDataResult{
		result("Requests", 30, 20, 10), result("4xxErrorRate", 12, math.NaN(), 0.5), result("CacheHitRate"), {Values: []float64{1}},
	}}
	s, found := out.Series("Requests")
	if !found || len(s.Points) != 3 || s.Points[0].Value != 10 || s.Points[2].Value != 30 {
		t.Errorf("Requests: %v %v, want 10, 20, 30", s, found)
	}
	if latest, ok := s.Latest(); !ok || latest.Value != 30 || !latest.Time.Equal(noon) {
		t.Errorf("latest: %v %v", latest, ok)
	}
	if s, _ := out.Series("4xxErrorRate"); len(s.Points) != 2 {
		t.Errorf("a value that is no number stays: %v", s)
	}
	if s, found := out.Series("CacheHitRate"); !found || len(s.Points) != 0 {
		t.Errorf("a series without data: %v %v", s, found)
	}
	for _, label := range []string{"requests", "Request", ""} {
		if _, found := out.Series(label); found {
			t.Errorf("%q is found", label)
		}
	}
	if _, ok := (Series{}).Latest(); ok {
		t.Error("an empty series has a latest point")
	}
	if _, ok := (Series{}).Mean(); ok {
		t.Error("an empty series has a mean")
	}
}

func TestSeriesJoinsPages(t *testing.T) {
	older := result("Requests", 2, 1)
	for i := range older.Timestamps {
		older.Timestamps[i] = older.Timestamps[i].Add(-2 * time.Hour)
	}
	s, _ := MetricDataOutput{MetricDataResults: []types.MetricDataResult{result("Requests", 4, 3), older}}.Series("Requests")
	if got := []float64{s.Points[0].Value, s.Points[1].Value, s.Points[2].Value, s.Points[3].Value}; !slices.Equal(got, []float64{1, 2, 3, 4}) {
		t.Errorf("got %v", got)
	}
	if s.Sum() != 10 {
		t.Errorf("sum %v", s.Sum())
	}
	if got := s.Between(noon.Add(-2*time.Hour), noon); len(got.Points) != 2 || got.Points[0].Value != 2 {
		t.Errorf("between: %v", got)
	}
}

func TestShift(t *testing.T) {
	for name, tc := range map[string]struct {
		values []float64
		hour   int // of the step, counted from the first point; -1 for none
	}{
		"a step up":                {[]float64{0.4, 0.3, 0.5, 12, 11, 14}, 3},
		"a step in the last hour":  {[]float64{0.4, 0.3, 0.5, 0.4, 12}, 4},
		"a step down":              {[]float64{95, 94, 96, 40, 42}, 3},
		"a hump that is over":      {[]float64{0.4, 12, 11, 0.3, 0.4}, -1},
		"too small":                {[]float64{0.1, 0.1, 0.6, 0.7}, -1},
		"flat":                     {[]float64{3, 3, 3}, -1},
		"one point":                {[]float64{12}, -1},
		"nothing":                  {nil, -1},
		"the greater of two steps": {[]float64{0, 0, 2, 2, 50, 50}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			s := series(tc.values...)
			shift, ok := s.Shift(1)
			if ok != (tc.hour >= 0) {
				t.Fatalf("got %v, %v", shift, ok)
			}
			if ok && !shift.At.Equal(s.Points[tc.hour].Time) {
				t.Errorf("the step is at %v, want %v", shift.At, s.Points[tc.hour].Time)
			}
		})
	}
}

// TestShiftHolds: what is called a step separates the points cleanly, is high enough, and does not depend on the order of the answer.
func TestShiftHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0, 100), 0, 24).Draw(t, "values")
		s := series(slices.Clone(values)...)
		shift, ok := s.Shift(5)
		if !ok {
			return
		}
		lowest, highest := math.Inf(1), math.Inf(-1) // of the higher and of the lower side
		for _, p := range s.Points {
			if shift.At.After(p.Time) == shift.Up() {
				highest = max(highest, p.Value)
			} else {
				lowest = min(lowest, p.Value)
			}
		}
		if lowest <= highest {
			t.Fatalf("%v does not separate %v", shift, values)
		}
		if math.Abs(shift.After-shift.Before) < 5 {
			t.Fatalf("%v is too small", shift)
		}
	})
}
