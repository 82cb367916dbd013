package worldtest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
)

// setPath sets or removes the member at a path such as Distribution.DistributionConfig.Origins.Items[Id=s3-site].OriginPath,
// Rules[0].Action or LoadBalancers[0].SecurityGroups[+] (append). A {Quantity, Items} list keeps its Quantity true. Where the member holds text
// and the value is an object, the text becomes the object's JSON: that is how policies are written.
func setPath(root any, path string, value any, remove bool) error {
	steps := strings.Split(path, ".")
	at := root
	for i, step := range steps {
		name, selector, selected := strings.Cut(step, "[")
		object, ok := at.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is not an object", strings.Join(steps[:i], "."))
		}
		last := i == len(steps)-1
		if !selected {
			if last {
				return setMember(object, name, value, remove)
			}
			if _, ok := object[name]; !ok {
				object[name] = map[string]any{}
			}
			at = object[name]
			continue
		}
		list, _ := object[name].([]any)
		index, err := find(list, strings.TrimSuffix(selector, "]"))
		if err != nil {
			return fmt.Errorf("%s: %w", strings.Join(steps[:i+1], "."), err)
		}
		if !last {
			at = list[index]
			continue
		}
		switch {
		case remove:
			list = append(list[:index:index], list[index+1:]...)
		case index == len(list):
			list = append(list, value)
		default:
			list[index] = value
		}
		object[name] = list
		if _, counted := object["Quantity"]; counted && name == "Items" {
			object["Quantity"] = float64(len(list))
		}
	}
	return nil
}

func setMember(object map[string]any, name string, value any, remove bool) error {
	if remove {
		if _, ok := object[name]; !ok {
			return fmt.Errorf("there is no member %s", name)
		}
		delete(object, name)
		return nil
	}
	if _, isText := object[name].(string); isText {
		if document, ok := value.(map[string]any); ok {
			text, err := json.Marshal(document, json.Deterministic(true))
			if err != nil {
				return err
			}
			value = string(text)
		}
	}
	object[name] = value
	if list, ok := value.([]any); ok && name == "Items" {
		object["Quantity"] = float64(len(list))
	}
	return nil
}

// find resolves a selector: an index, "+" for one past the end, or member=value.
func find(list []any, selector string) (int, error) {
	if selector == "+" {
		return len(list), nil
	}
	if index, err := strconv.Atoi(selector); err == nil {
		if index < 0 || index >= len(list) {
			return 0, fmt.Errorf("the list has %d items", len(list))
		}
		return index, nil
	}
	member, want, _ := strings.Cut(selector, "=")
	for i, item := range list {
		if object, ok := item.(map[string]any); ok && fmt.Sprint(object[member]) == want {
			return i, nil
		}
	}
	return 0, fmt.Errorf("no item has %s", selector)
}
