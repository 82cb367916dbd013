package awscli

import (
	"net/http"
	"time"
)

// adjustments are where the aws program prints something in another form than the other doors.
var adjustments = map[string]func(answer map[string]any){
	"s3:HeadObject": func(answer map[string]any) {
		// Version 1 prints the times of headers as they come over the wire (cli_timestamp_format, "wire").
		for _, name := range []string{"LastModified", "ObjectLockRetainUntilDate"} {
			if text, ok := answer[name].(string); ok {
				if t, err := http.ParseTime(text); err == nil {
					answer[name] = t.UTC().Format(time.RFC3339)
				}
			}
		}
	},
}
