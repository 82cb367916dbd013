package fix

import (
	"fmt"
	"strings"
)

// AddOriginGroup makes a pair of origins, the second of which is asked where the first one cannot be reached or answers with one of the statuses
// (DG/high_availability_origin_failover). Behaviors that lead to it can allow GET, HEAD and OPTIONS only (API reference, UpdateDistribution).
func AddOriginGroup(id, primary, secondary string, statuses ...int) Edits {
	group := map[string]any{
		"Id":               id,
		"FailoverCriteria": map[string]any{"StatusCodes": map[string]any{"Quantity": len(statuses), "Items": statuses}},
		"Members":          map[string]any{"Quantity": 2, "Items": []any{map[string]any{"OriginId": primary}, map[string]any{"OriginId": secondary}}},
	}
	return Edits{{Path: At("OriginGroups"), Op: AddItem, Key: "Id", New: group,
		Label: "Origins tab: choose Create origin group; add " + show(primary) + " and " + show(secondary) + " in this order, name the group " + show(id) +
			", under Failover criteria select " + strings.Trim(fmt.Sprint(statuses), "[]") + ", and choose Create origin group"}}
}
