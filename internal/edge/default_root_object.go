package edge

import "strings"

// maxRootObject is the longest name of a default root object, in characters (DG/DefaultRootObject).
const maxRootObject = 255

var defaultRootObject = &Stage{
	ID:    "default-root-object",
	Title: "Default root object",
	Doc: "A request for the distribution's root, by any method, asks the origin for the default root object, if one is set; folders below the root do not. " +
		"A name that is too long or has other characters is answered with 400, one with a leading slash asks the origin for a path with two. The place " +
		"of this step is not documented; functions are taken to see the root.",
	Sources: []string{"DG/DefaultRootObject", "API/DistributionConfig"},
	Run:     runDefaultRootObject,
}

func runDefaultRootObject(x *Exchange) Step {
	object := str(x.Model.Config.DefaultRootObject)
	with := func(s Step, note string) Step {
		if !x.Explain {
			return s
		}
		return s.WithEvidence(x.ref("DefaultRootObject", object, note))
	}
	if x.Current.Path != "/" && x.Current.Path != "" {
		return x.Skip("The request is not for the root")
	}
	switch {
	case object == "":
		return with(x.Pass("No default root object is set, so the origin is asked for / itself"), "")
	case !validRootObject(object):
		return with(x.Stop(400, ByCloudFront, "The default root object's name is not one that CloudFront takes"), "too long, or a character that is not allowed")
	}
	if x.Viewer.Path != "/" {
		x.possibly(Alternative{If: "the default root object does not apply to a path that a function made the root"})
	}
	x.Current.Path = "/" + object
	note := ""
	if strings.HasPrefix(object, "/") {
		note = "the leading slash makes a path with two slashes"
	}
	return with(x.explained(Rewrite, "The root stands for the default root object %s", quoted(object)), note)
}

// validRootObject checks length and characters as the API's documentation lists them.
func validRootObject(name string) bool {
	if len(name) > maxRootObject {
		return false
	}
	for _, r := range name {
		if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_-.*$/~\"'&", r)) {
			return false
		}
	}
	return true
}
