// A form that a button opened, as a dialog. What was typed stays until it is safely kept.

import { h } from "./dom.js";
import { t } from "./i18n.js";

/** `submit(fields)` returns once it is kept. */
export function openForm(form, model, submit) {
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const send = h("button", { type: "submit", class: "button primary" }, form.submit);
  const inputs = form.fields.map((field, index) => [field, input(field, `field-${index}`, model)]);
  const dialog = h("dialog", { class: "form", "aria-labelledby": "form-title", onclose: () => dialog.remove() },
    h("form", { onsubmit: async (event) => {
      event.preventDefault();
      send.disabled = true;
      problem.hidden = true;
      try {
        await submit(Object.fromEntries(inputs.map(([field, element]) => [field.name, element.value])));
        dialog.close();
      } catch (error) {
        problem.textContent = t(`error.${error.code ?? "failed"}`);
        problem.hidden = false;
        send.disabled = false;
      }
    } },
    h("h2", { id: "form-title" }, form.title),
    inputs.map(([field, element]) => h("div", { class: "field" }, h("label", { for: element.id }, field.label), element)),
    problem,
    h("div", { class: "buttons" },
      h("button", { type: "button", class: "button plain", onclick: () => dialog.close() }, form.cancel),
      send)));
  document.body.append(dialog);
  dialog.showModal();
  inputs[0]?.[1].focus();
}

function input(field, id, model) {
  const common = { id, name: field.name, placeholder: field.placeholder || null };
  if (field.kind === "person") {
    return h("select", common, model.team.people.map((person) => h("option", { value: person.id, selected: person.id === field.initial }, person.name)));
  }
  const element = field.kind === "lines" ? h("textarea", { ...common, rows: "7" }) : h("input", { ...common, type: "text", autocomplete: "off" });
  element.value = field.initial;
  return element;
}
