package evidence

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Decode reads an answer in the AWS CLI's JSON shape into a struct with the API's member names. Member names match in any case
// (API Gateway's are lower-case, Go's are not), blobs are base64, members that the struct does not know are passed over.
// So are members whose Go type is an interface: AWS's unions, of which JSON does not tell the Go type. Times are ISO 8601 or, as version 1 of the AWS CLI prints them, numbers of seconds since 1970.
func Decode(answer jsontext.Value, into any) error {
	return json.Unmarshal(answer, into, decodeOptions)
}

var decodeOptions = json.JoinOptions(
	json.MatchCaseInsensitiveNames(true),
	jsontext.AllowDuplicateNames(true),
	json.WithUnmarshalers(json.JoinUnmarshalers(json.UnmarshalFromFunc(decodeTime), json.UnmarshalFromFunc(skipUnion))),
)

// skipUnion passes over values of interface types with methods, which stay nil; every other value is decoded as ever.
func skipUnion(d *jsontext.Decoder, into any) error {
	if t := reflect.TypeOf(into).Elem(); t.Kind() == reflect.Interface && t.NumMethod() > 0 {
		return d.SkipValue()
	}
	return errors.ErrUnsupported
}

func decodeTime(d *jsontext.Decoder, t *time.Time) error {
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	if token.Kind() == '0' {
		seconds, err := token.Float()
		if err != nil {
			return err
		}
		whole, fraction := math.Modf(seconds)
		*t = time.Unix(int64(whole), int64(fraction*1e9)).UTC()
		return nil
	}
	parsed, err := time.Parse(time.RFC3339Nano, token.String())
	if err != nil {
		return fmt.Errorf("%q is not a time: want ISO 8601 or seconds since 1970", token.String())
	}
	*t = parsed
	return nil
}

// Encode writes a value in the AWS CLI's JSON shape: members without a value are left out.
func Encode(v any) (jsontext.Value, error) {
	return json.Marshal(v, json.OmitZeroStructFields(true), json.Deterministic(true))
}
