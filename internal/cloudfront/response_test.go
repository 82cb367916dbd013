package cloudfront

import (
	"slices"
	"testing"
)

func TestCompressible(t *testing.T) {
	if !slices.IsSorted(compressibleTypes()) {
		t.Fatal("the table must be sorted")
	}
	for contentType, want := range map[string]bool{
		"text/html; charset=utf-8": true, "Application/JSON": true, "font/woff2": false, "image/png": false, "": false, "image/svg+xml": true,
	} {
		if got := Compressible(contentType); got != want {
			t.Errorf("Compressible(%q) = %v", contentType, got)
		}
	}
}

func TestUnremovableHeader(t *testing.T) {
	for name, want := range map[string]bool{"Via": true, "X-Amz-Cf-Id": true, "X-Edge-Location": true, "Server": false, "Set-Cookie": false, "X-Cache": true} {
		if got := UnremovableHeader(name); got != want {
			t.Errorf("UnremovableHeader(%q) = %v", name, got)
		}
	}
}
