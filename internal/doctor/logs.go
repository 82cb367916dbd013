package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/fix"
	"cfdoctor/internal/report"
)

// accessLog is one place where a distribution's requests are logged.
type accessLog struct {
	kind     logKind
	resource string // bucket, log group or stream
	region   string
	prefix   string // of the objects in a bucket
	format   string // of standard logging (v2)
}

type logKind uint8

const (
	legacyS3    logKind = iota // standard logging, files in a bucket (DG/standard-logging-legacy-s3)
	v2Group                    // standard logging (v2) to CloudWatch Logs (DG/standard-logging)
	v2S3                       // standard logging (v2) to a bucket
	v2Stream                   // standard logging (v2) to Firehose
	realtimeLog                // real-time logs to Kinesis (DG/real-time-logs)
)

// logging is where a distribution logs, as far as it is known.
type logging struct {
	logs []accessLog
	// unread are the reads that would have told of more.
	unread []evidence.Gap
}

func loggingOf(m *edge.Model) logging {
	var l logging
	// A distribution that only logs the new way may have Enabled set for the sake of IncludeCookies, and no bucket.
	if c := m.Config.Logging; c != nil && c.Enabled != nil && *c.Enabled && text(c.Bucket) != "" {
		e := cloudfront.ClassifyEndpoint(text(c.Bucket))
		name := e.Name
		if name == "" {
			name = text(c.Bucket)
		}
		l.logs = append(l.logs, accessLog{kind: legacyS3, resource: name, region: e.Region, prefix: text(c.Prefix)})
	}
	l.readDeliveries(m)
	for _, b := range m.Behaviors {
		if arn := text(b.Config.RealtimeLogConfigArn); arn != "" {
			l.readRealtime(m, arn)
			break
		}
	}
	return l
}

// readDeliveries follows the distribution's delivery sources to where they lead.
func (l *logging) readDeliveries(m *edge.Model) {
	sources, deliveries, destinations := account.DeliverySources().In(m.World), account.Deliveries().In(m.World), account.DeliveryDestinations().In(m.World)
	for _, gap := range []evidence.Gap{sources, deliveries, destinations} {
		if gap.Missing() {
			l.unread = append(l.unread, gap)
		}
	}
	mine := map[string]bool{}
	for _, s := range sources.Or(account.DeliverySourcesOutput{}).DeliverySources {
		for _, arn := range s.ResourceArns {
			mine[text(s.Name)] = mine[text(s.Name)] || arn == m.ARN() && text(s.LogType) == "ACCESS_LOGS"
		}
	}
	ends := map[string]accessLog{}
	for _, d := range destinations.Or(account.DeliveryDestinationsOutput{}).DeliveryDestinations {
		if c := d.DeliveryDestinationConfiguration; c != nil {
			ends[text(d.Arn)] = destinationOf(text(c.DestinationResourceArn), string(d.OutputFormat))
		}
	}
	for _, d := range deliveries.Or(account.DeliveriesOutput{}).Deliveries {
		if end, known := ends[text(d.DeliveryDestinationArn)]; known && mine[text(d.DeliverySourceName)] {
			l.logs = append(l.logs, end)
		}
	}
}

// destinationOf reads the ARN of a log group, a bucket or a Firehose stream.
func destinationOf(arn, format string) accessLog {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return accessLog{kind: v2Stream, resource: arn, format: format}
	}
	end := accessLog{kind: v2Stream, region: parts[3], resource: parts[5], format: format}
	switch parts[2] {
	case "logs":
		end.kind, end.resource = v2Group, strings.TrimSuffix(strings.TrimPrefix(parts[5], "log-group:"), ":*")
	case "s3":
		end.kind = v2S3
		end.resource, end.prefix, _ = strings.Cut(parts[5], "/")
	case "firehose":
		end.resource = strings.TrimPrefix(parts[5], "deliverystream/")
	}
	return end
}

func (l *logging) readRealtime(m *edge.Model, arn string) {
	fact := account.RealtimeLogConfig(arn).In(m.World)
	out, ok := fact.Get()
	if !ok {
		l.unread = append(l.unread, fact)
		return
	}
	for _, end := range out.RealtimeLogConfig.EndPoints {
		if end.KinesisStreamConfig == nil {
			continue
		}
		stream := text(end.KinesisStreamConfig.StreamARN)
		parts := strings.SplitN(stream, ":", 6)
		if len(parts) == 6 {
			l.logs = append(l.logs, accessLog{kind: realtimeLog, region: parts[3], resource: strings.TrimPrefix(parts[5], "stream/")})
		}
	}
}

// title names a log for people.
func (a accessLog) title() string {
	switch a.kind {
	case legacyS3:
		return "Access log (standard logging, legacy) in bucket " + show(a.resource)
	case v2Group:
		return "Access log (standard logging v2) in log group " + show(a.resource)
	case v2S3:
		return "Access log (standard logging v2) in bucket " + show(a.resource)
	case v2Stream:
		return "Access log (standard logging v2) in Firehose stream " + show(a.resource)
	}
	return "Real-time log in Kinesis stream " + show(a.resource)
}

// read is the command that shows the newest entries; words are terms that an entry has to have, for logs that can be searched.
func (a accessLog) read(m *edge.Model, words ...string) []report.Command {
	now := m.World.Now.UTC()
	switch a.kind {
	case legacyS3:
		prefix := a.prefix + m.ID() + "." + now.Format("2006-01-02")
		return awsCommand("s3api", "list-objects-v2").opt("bucket", a.resource).opt("prefix", prefix).in(a.region).
			to("List today's log files (they come within the hour as a rule, and up to 24 hours late)")
	case v2S3:
		prefix := a.prefix
		if prefix == "" {
			prefix = "AWSLogs/" + accountOf(m) + "/CloudFront/" // what CloudFront puts in front where none is set (DG/standard-logging)
		}
		return awsCommand("s3api", "list-objects-v2").opt("bucket", a.resource).opt("prefix", prefix).
			opt("query", "sort_by(Contents || `[]`, &LastModified)[-20:].Key").to("List the newest log files")
	case v2Group:
		return filterEvents(a.resource, a.region, now, words...).to("Show the log entries of the last three hours" + withWords(words))
	case realtimeLog:
		return awsCommand("kinesis", "list-shards").opt("stream-name", a.resource).in(a.region).
			to("List the stream's shards, to read records with get-shard-iterator and get-records")
	}
	return awsCommand("firehose", "describe-delivery-stream").opt("delivery-stream-name", a.resource).in(a.region).
		to("See where the stream delivers the log to")
}

func withWords(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return " that have " + strings.Join(words, " and ")
}

// filterEvents searches a log group for entries of the last three hours that hold all the words. Terms in double quotes are looked for as they
// stand, in whatever format the log has (CWL/FilterAndPatternSyntax).
func filterEvents(group, region string, now time.Time, words ...string) *invocation {
	i := awsCommand("logs", "filter-log-events").opt("log-group-name", group)
	var terms []string
	for _, w := range words {
		if w != "" && !strings.ContainsAny(w, `"\`) {
			terms = append(terms, `"`+w+`"`)
		}
	}
	if len(terms) > 0 {
		i.opt("filter-pattern", strings.Join(terms, " "))
	}
	return i.opt("start-time", fmt.Sprint(now.Add(-3*time.Hour).UnixMilli())).opt("max-items", "100").in(region)
}

// query is the text of queries that explain errors: Athena's SQL for files, CloudWatch Logs Insights' language for log groups.
func (a accessLog) query(m *edge.Model) string {
	switch a.kind {
	case legacyS3:
		return athenaTable(a.resource, a.prefix) + "\n\n" + athenaErrors
	case v2Group:
		if a.format != "json" {
			return "fields @timestamp, @message\n| sort @timestamp desc\n| limit 50"
		}
		var queries []string
		for _, q := range (fix.Monitored{DistributionID: m.ID()}).LogQueries() {
			queries = append(queries, "# "+q.Purpose+"\n"+q.Query)
		}
		return strings.Join(queries, "\n\n")
	}
	return ""
}

// athenaErrors reads the table of [athenaTable]. Files are best effort and come late, so the last two days are read.
const athenaErrors = `SELECT sc_status, x_edge_result_type, x_edge_detailed_result_type, x_host_header, cs_uri_stem,
       count(*) AS requests, max(time_taken) AS slowest_seconds
FROM cloudfront_standard_logs
WHERE "date" >= current_date - interval '2' day AND sc_status >= 400
GROUP BY 1, 2, 3, 4, 5
ORDER BY requests DESC
LIMIT 50;`

// athenaTable is the table over the files of the legacy log: the 33 fields in their order, tab-separated, after two lines of header
// (DG/standard-logs-reference, ATH/create-cloudfront-table-standard-logs). Everything below its location is read, so nothing but these
// files may lie there.
func athenaTable(bucket, prefix string) string {
	location := "s3://" + bucket + "/" + prefix
	if strings.IndexFunc(location, breaksLocation) >= 0 {
		location = "s3://BUCKET/PREFIX/"
	}
	if !strings.HasSuffix(location, "/") {
		location = location[:strings.LastIndexByte(location, '/')+1] // a location is a folder
	}
	return "CREATE EXTERNAL TABLE IF NOT EXISTS cloudfront_standard_logs (\n  " + strings.Join(legacyColumns[:], ",\n  ") +
		")\nROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t'\nLOCATION '" + location + "'\nTBLPROPERTIES ('skip.header.line.count'='2');"
}

func breaksLocation(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_./:=", r)
}

var legacyColumns = [...]string{
	"`date` date", "time string", "x_edge_location string", "sc_bytes bigint", "c_ip string", "cs_method string", "cs_host string",
	"cs_uri_stem string", "sc_status int", "cs_referrer string", "cs_user_agent string", "cs_uri_query string", "cs_cookie string",
	"x_edge_result_type string", "x_edge_request_id string", "x_host_header string", "cs_protocol string", "cs_bytes bigint",
	"time_taken float", "x_forwarded_for string", "ssl_protocol string", "ssl_cipher string", "x_edge_response_result_type string",
	"cs_protocol_version string", "fle_status string", "fle_encrypted_fields int", "c_port int", "time_to_first_byte float",
	"x_edge_detailed_result_type string", "sc_content_type string", "sc_content_len bigint", "sc_range_start bigint", "sc_range_end bigint",
}

// accountOf is the twelve digits of the distribution's account.
func accountOf(m *edge.Model) string {
	if m.World.Account != "" {
		return m.World.Account
	}
	if parts := strings.SplitN(m.ARN(), ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// enableLogging turns standard logging (v2) to a log group on.
func enableLogging(m *edge.Model) []report.Command {
	change := fix.EnableLogging(fix.Monitored{DistributionID: m.ID(), ARN: m.ARN()}, accountOf(m))
	return readable(commands(change.Commands(fix.Context{World: m.World})))
}

// readable drops commands that could not be written.
func readable(all []report.Command) []report.Command {
	return slices.DeleteFunc(all, func(c report.Command) bool { return c.AWSCLI == "" })
}
