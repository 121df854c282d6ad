// The one script of every page. Nothing needs it: without it a form shows all its fields, says beside each when it is
// asked, and is checked when it is sent. With it, fields that are not asked for are hidden and errors go away as they
// are mended; both are decided by the server, which alone knows the form's rules.

// Asks the server which fields of the form are hidden and which answers are wrong, as the form is filled in now.
// Files stay here: only their names could matter, and those are checked when the form is sent.
const ask = async (form) => {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
        if (typeof value === 'string') body.append(name, value);
    }
    const answer = await fetch(form.dataset.validation, { method: 'POST', body });
    return answer.ok ? answer.json() : null;
};

// Hides the conditional fields with these numbers and shows the others; returns how many came to light.
// What is hidden is disabled too, so that it is not sent.
const show = (form, hidden) => {
    let revealed = 0;
    for (const part of form.querySelectorAll('.conditional')) {
        const isHidden = hidden.includes(Number(part.dataset.place));
        if (part.hidden && !isHidden) revealed += 1;
        part.hidden = isHidden;
        for (const control of part.querySelectorAll('input,select,textarea')) control.disabled = isHidden;
    }
    return revealed;
};

// The name by which the server speaks of a control's field: "f.reason" and "f.reason.other" are "form.reason".
const fieldName = (control) => control.name.replace(/^f\./, 'form.').replace(/\.other$/, '');

// Takes away the errors that are mended, in their fields and in the summary above the form, and renews the words of
// the others. No new error appears while somebody types.
const mend = (form, errors) => {
    for (const field of form.querySelectorAll('.wrong')) {
        const control = field.querySelector('[name]');
        if (!control) continue;
        const name = fieldName(control);
        const message = field.querySelector('.error');
        const link = document.querySelector('.errors a[href="#f-' + name + '"]');
        const isRight = control.type === 'file' ? control.files.length > 0 : !errors[name];
        if (!isRight) {
            if (errors[name]) message.lastChild.textContent = errors[name];
            if (errors[name] && link) link.textContent = errors[name];
            continue;
        }
        field.classList.remove('wrong');
        for (const one of field.querySelectorAll('[aria-invalid]')) one.removeAttribute('aria-invalid');
        link?.parentElement.remove();
        message.remove();
    }
    const summary = document.querySelector('.errors ul');
    if (summary && !summary.children.length) summary.closest('.errors').remove();
};

// A line that screen readers speak when it changes; nobody else sees it.
const addStatus = (form) => {
    const status = document.createElement('p');
    status.className = 'hidden';
    status.setAttribute('role', 'status');
    form.append(status);
    return status;
};

const enliven = (form) => {
    form.classList.add('live');
    const hidden = [...form.querySelectorAll('.conditional[data-hidden]')];
    show(form, hidden.map((part) => Number(part.dataset.place)));
    const status = addStatus(form);

    // Only the answer to the latest question counts: an earlier one may come after it.
    let latest = 0;
    const refresh = async () => {
        if (!form.querySelector('.conditional,.wrong')) return;
        const turn = ++latest;
        const answer = await ask(form).catch(() => null);
        if (!answer || turn !== latest) return;
        const revealed = show(form, answer.hidden);
        mend(form, answer.errors);
        if (revealed) status.textContent = revealed === 1 ? 'One more question' : revealed + ' more questions';
    };

    let timer;
    form.addEventListener('input', () => {
        clearTimeout(timer);
        timer = setTimeout(refresh, 150);
    });

    form.addEventListener('submit', () => {
        const hasFiles = [...form.querySelectorAll('input[type=file]')].some((input) => input.files.length);
        if (!hasFiles) return;
        status.className = 'hint';
        status.textContent = 'Sending the files…';
    });
};

for (const form of document.querySelectorAll('form[data-validation]')) enliven(form);

// Ctrl-Enter sends the form from within a text area.
document.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.ctrlKey && event.target.matches('textarea')) event.target.form?.requestSubmit();
});
