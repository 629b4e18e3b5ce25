// Does the record that is about to be signed grant what was ticked, and nothing else? Looked at here, in the browser,
// because it is the server that made the record.

export function agrees(text, ticks, boxes, noticeHash) {
  let record;
  try {
    record = JSON.parse(text);
  } catch {
    return false;
  }
  const wanted = (name) => ticks[name].map((place) => boxes[name][place].grant);
  const facets = Object.keys(record.facets).filter((name) => record.facets[name]);
  const latest = new Date(Date.now() + (ticks.days + 1) * 86_400_000).toISOString().slice(0, 10);
  return (
    same(facets, wanted("facets")) &&
    same(record.scope.sources, wanted("sources")) &&
    same(record.audiences, wanted("audiences")) &&
    same(record.recipients, wanted("recipients")) &&
    record.purposes.length === 1 && record.purposes[0] === "handover_qa" &&
    record.prohibited.length === 5 &&
    record.scope.authored_by_subject_only === true &&
    ["containers", "keywords", "people"].every((name) => ticks[name].every((word) => record.scope.excluded[name].includes(word))) &&
    record.term.end <= latest &&
    record.term.after_death === ticks.after_death &&
    record.voluntariness.no_detriment === true &&
    record.voluntariness.tied_to_severance === false &&
    record.voluntariness.cooling_off_days >= ticks.cooling_off_days &&
    plain(record.licence) === plain(boxes.terms) &&
    record.event.method === "web_device_key" &&
    record.privacy_notice.sha256 === noticeHash
  );
}

// As sets of plain values: the order, of members too, says nothing.
function same(one, other) {
  const told = (things) => things.map(plain).sort().join("\n");
  return one.length === other.length && told(one) === told(other);
}

function plain(thing) {
  if (thing === null || typeof thing !== "object") return JSON.stringify(thing);
  if (Array.isArray(thing)) return `[${thing.map(plain).join(",")}]`;
  return `{${Object.keys(thing).sort().map((name) => `${JSON.stringify(name)}:${plain(thing[name])}`).join(",")}}`;
}
