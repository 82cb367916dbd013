package fix

import "fmt"

// jq implements edit: the same as apply, in jq.
func (e PolicyEdit) jq(p *program) string {
	p.use("statements")
	switch e.op {
	case grantStatement:
		return e.jqGrant(p)
	case replaceStatement:
		return e.jqReplace(p)
	}
	return e.jqRevalue(p)
}

func (e PolicyEdit) jqGrant(p *program) string {
	p.use("listed")
	p.use("grown")
	ours := p.value(e.statement)
	return fmt.Sprintf(`.Statement = (statements | if any(.[]; .Sid == %[1]s.Sid) then map(
    if .Sid != %[1]s.Sid then .
    elif .Effect != %[1]s.Effect or .Principal != %[1]s.Principal or (.Condition
      | type == "object" and keys == ["StringEquals"] and (.StringEquals | type == "object" and keys == ["AWS:SourceArn"]) | not)
    then error(%[2]s)
    else .Action |= grown(%[1]s.Action) | .Resource |= grown(%[1]s.Resource)
      | .Condition.StringEquals["AWS:SourceArn"] |= grown(%[1]s.Condition.StringEquals["AWS:SourceArn"]) end)
  else . + [%[1]s] end)`, ours, p.value(e.foreign()))
}

func (e PolicyEdit) jqReplace(p *program) string {
	old := p.value(e.old)
	if e.statement == nil {
		return fmt.Sprintf(`.Statement = (statements | map(select(. != %s)))`, old)
	}
	return fmt.Sprintf(`.Statement = (statements | if any(.[]; . == %[1]s or . == %[2]s) then map(if . == %[1]s then %[2]s else . end) else error(%[3]s) end)`,
		old, p.value(e.statement), p.value(changedSince))
}

func (e PolicyEdit) jqRevalue(p *program) string {
	p.use("listed")
	from, to := p.value(e.from), p.value(e.to)
	place := fmt.Sprintf(".Condition[%s][%s]", p.value(e.operator), p.value(e.key))
	values := fmt.Sprintf(`map(if . == %[1]s then %[2]s else . end) | reduce .[] as $x ([]; if any(.[]; . == $x) then . else . + [$x] end)`, from, to)
	if e.keep {
		values = fmt.Sprintf(`if any(.[]; . == %[1]s) then . else . + [%[1]s] end`, to)
	}
	p.use("scalar")
	has := func(v string) string {
		return fmt.Sprintf(`.Effect == "Allow" and (%s | listed | any(.[]; . == %s))`, place, v)
	}
	return fmt.Sprintf(`.Statement = (statements | if any(.[]; %s or %s) then map(if %s then %s |= (listed | %s | scalar) else . end) else error(%s) end)`,
		has(from), has(to), has(from), place, values, p.value(changedSince))
}
