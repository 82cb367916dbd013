package preflight

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// awsVersion finds out the version of an aws program from the files around it, "" where they do not tell.
//
// The bundles of version 2 have the version in the path that the program links to (CLIUG/getting-started-install: /usr/local/aws-cli/v2/2.x.y/dist/aws),
// package managers have it in the name of the package's folder, and Python installations have a folder awscli-1.x.y.dist-info.
func awsVersion(path string) string {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return ""
	}
	if m := versionInPath.FindStringSubmatch(filepath.ToSlash(target)); m != nil {
		return m[1]
	}
	prefixes := []string{filepath.Dir(filepath.Dir(target))}
	if interpreter := shebang(target); interpreter != "" {
		prefixes = append(prefixes, filepath.Dir(filepath.Dir(interpreter)))
	}
	var found []string
	for _, prefix := range prefixes {
		for _, pattern := range []string{"lib/python3*/site-packages", "lib64/python3*/site-packages", "lib/python3*/dist-packages", "local/lib/python3*/dist-packages"} {
			folders, _ := filepath.Glob(filepath.Join(prefix, pattern, "awscli-*-info")) // the pattern is well-formed
			for _, folder := range folders {
				if m := versionOfPackage.FindStringSubmatch(filepath.Base(folder)); m != nil && !slices.Contains(found, m[1]) {
					found = append(found, m[1])
				}
			}
		}
	}
	if len(found) != 1 { // two Python versions may have one each
		return ""
	}
	return found[0]
}

var (
	versionInPath    = regexp.MustCompile(`(?:/aws-cli/v2/|/awscli(?:@\d+)?/|-awscli2?-)(\d+\.\d+\.\d+)(?:[_/-]|$)`)
	versionOfPackage = regexp.MustCompile(`^awscli-(\d+\.\d+\.\d+[0-9a-z.]*?)(?:-py[0-9.]+)?\.(?:dist|egg)-info$`)
)

// shebang is the interpreter that a script's first line names, "" where it names none, or only through env.
func shebang(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	line, err := bufio.NewReaderSize(file, 512).ReadSlice('\n')
	if err != nil || !bytes.HasPrefix(line, []byte("#!")) {
		return ""
	}
	words := strings.Fields(string(line[2:]))
	if len(words) == 0 || filepath.Base(words[0]) == "env" {
		return ""
	}
	return words[0]
}
