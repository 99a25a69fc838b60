# A report of ginkgo as a table: area, specs that ran, specs that passed; then the reasons for which specs skipped themselves.
[.[0].SpecReports[] | select(.LeafNodeType == "It") | {
  area: (.ContainerHierarchyTexts as $texts | ($texts[0] | sub("^\\[k8s.io\\] "; "") | sub(" \\[.*"; "")) + (if $texts[0] | endswith("Security Context") then ": " + $texts[1] else "" end)),
  state: .State, why: (.Failure.Message // "" | split(": ")[0] // "")}]
| (group_by(.area)[] | {area: .[0].area, ran: map(select(.state != "skipped")) | length, passed: map(select(.state == "passed")) | length} | select(.ran > 0) | [.area, .ran, .passed]),
  (map(select(.state == "skipped" and .why != "")) | group_by([.area, .why])[] | ["skipped: " + .[0].area, length, .[0].why])
| @tsv
