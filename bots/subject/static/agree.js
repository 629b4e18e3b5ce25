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

const WAYS = ["signed revocation", "cli"]; // of ending a licence, beside the addresses they look at
const ADDRESS = "revoked:";

// A licence besides: for this organisation alone, answered for by whom the page names, and ended by its subject.
export function licenses(text, ticks, offer, addresses, noticeHash) {
  if (!agrees(text, ticks, offer.boxes, noticeHash)) return false;
  const record = JSON.parse(text);
  const excluded = Object.values(record.scope.excluded).flat();
  return (
    same(record.licence.orgs, [offer.org]) &&
    record.licence.sublicense === false &&
    same(record.withdrawal.methods, [...WAYS, ...addresses.map((each) => ADDRESS + each)]) &&
    record.pii_controllers.length === 1 &&
    record.pii_controllers[0].party === offer.org &&
    record.pii_controllers[0].contact === offer.contact &&
    record.owner.id === offer.owner &&
    (record.deputy?.id ?? "") === offer.deputy &&
    offer.leaves_out.every((word) => excluded.includes(word))
  );
}

// Does a statement say this one thing of a record? `hash` is the SHA-256 of that record, in hex; without it, of any.
export function says(text, standing, org, hash) {
  try {
    const { form, record, organisation, standing: said, at, ...more } = JSON.parse(text);
    return form === "understudy.standing/1" && (hash === undefined || record === `sha256:${hash}`) && organisation === org && said === standing && typeof at === "string" && !Object.keys(more).length;
  } catch {
    return false;
  }
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
