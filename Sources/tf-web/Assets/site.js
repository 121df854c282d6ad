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

// Marks a control as right: it is described by what is still there.
const unmark = (control) => {
    control.removeAttribute('aria-invalid');
    const ids = (control.getAttribute('aria-describedby') ?? '').split(' ').filter((id) => document.getElementById(id));
    if (ids.length) control.setAttribute('aria-describedby', ids.join(' '));
    else control.removeAttribute('aria-describedby');
};

// Takes away the errors that are mended, in their fields and in the summary above the form, and renews the words of
// the others. No new error appears while somebody types.
const mend = (form, errors) => {
    for (const field of form.querySelectorAll('.field.fail')) {
        const control = field.querySelector('[name]');
        if (!control) continue;
        const name = fieldName(control);
        const message = field.querySelector('.error');
        const link = document.querySelector('.banner.fail a[href="#f-' + name + '"]');
        const isRight = control.type === 'file' ? control.files.length > 0 : !errors[name];
        if (!isRight) {
            if (errors[name]) message.lastChild.textContent = errors[name];
            if (errors[name] && link) link.textContent = errors[name];
            continue;
        }
        field.classList.remove('fail');
        link?.parentElement.remove();
        message.remove();
        // A group is described by its error itself.
        [field, ...field.querySelectorAll('[aria-invalid]')].forEach(unmark);
    }
    const summary = document.querySelector('[role=alert] ul');
    if (summary && !summary.children.length) summary.closest('.banner').remove();
};

// A line that screen readers speak when it changes; nobody else sees it.
const addStatus = (form) => {
    const status = document.createElement('p');
    status.className = 'vh';
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
        if (!form.querySelector('.conditional,.field.fail')) return;
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

// Who leaves a form is asked first, if they have written something that nothing keeps.
const written = 'form:is([data-validation], [data-typed]:not(:has([type=password])), :has(textarea))';
let typed = document.querySelector(written + '[data-typed]');
document.addEventListener('input', (event) => { typed = event.target.closest(written) ?? typed; });
document.addEventListener('submit', (event) => {
    if (event.target === typed) typed = null;
});
// Browsers ask nobody who has not touched the page.
addEventListener('beforeunload', (event) => {
    if (typed?.isConnected && navigator.userActivation?.hasBeenActive !== false) event.preventDefault();
});

// ---- Menus, copying, keys -------------------------------------------------------------------------------------------

document.addEventListener('click', (event) => {
    // A button copies the text of the element that it names.
    const copy = event.target.closest('[data-copy]');
    if (copy) {
        const text = document.getElementById(copy.dataset.copy);
        // Browsers let pages write to the clipboard over https alone: then the text is marked for the person to copy.
        const mark = () => {
            getSelection().selectAllChildren(text);
            copy.textContent = 'Marked: copy it now';
        };
        if (!navigator.clipboard) mark();
        else navigator.clipboard.writeText(text.textContent).then(() => { copy.textContent = 'Copied'; }, mark);
    }
    // Only one menu is open, and a click elsewhere closes it.
    for (const menu of document.querySelectorAll('details.pop[open]')) {
        if (!menu.contains(event.target)) menu.open = false;
    }
});

// A password can be looked at.
for (const field of document.querySelectorAll('[type=password]')) {
    const button = document.createElement('button');
    button.type = 'button';
    const show = (isShown) => {
        field.type = isShown ? 'text' : 'password';
        button.textContent = isShown ? 'Hide' : 'Show';
        button.setAttribute('aria-label', button.textContent + ' the password');
    };
    button.onclick = () => show(field.type === 'password');
    show(false);
    field.after(button);
}

// Keys for those who switched them on in their account; never while they type.
const keys = document.documentElement.dataset.keys && {
    '/': () => document.querySelector('[role=search] input')?.focus(),
    '?': () => {
        const help = document.getElementById('keys');
        help.open = true;
        help.firstElementChild.focus();
        help.scrollIntoView({ block: 'end' });
    },
    j: () => step(1),
    k: () => step(-1),
};

// Moves the focus from row to row of the page's list.
const step = (by) => {
    const links = [...document.querySelectorAll('.rows tbody th :is(a, button)')];
    links[Math.max(links.indexOf(document.activeElement) + by, 0)]?.focus();
};

document.addEventListener('keydown', (event) => {
    const menu = event.key === 'Escape' && event.target.closest?.('details.pop[open]');
    if (menu) {
        menu.open = false;
        menu.firstElementChild.focus();
    }
    // Ctrl-Enter sends the form from within a text area.
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.target.matches('textarea')) {
        event.target.form?.querySelector('button:not([type=button])')?.click();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input,select,textarea')) return;
    const act = keys && keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
});

// ---- Diagrams -------------------------------------------------------------------------------------------------------

// Where a diagram or a film is wider than its box: brings the present step into the middle, or else the last frame of a
// film, and of a diagram the first step, which is the nearest to the corner.
const showStart = (part) => {
    for (const box of part.querySelectorAll('.box:has(> .flow), .film')) {
        const now = box.querySelector('.now, [aria-current], .film > :last-child');
        const [node] = [...now ? [now] : box.querySelectorAll('.n')].map((one) => one.getBoundingClientRect())
            .sort((one, other) => one.left + one.top - other.left - other.top);
        const sight = box.getBoundingClientRect();
        if (node) box.scrollLeft += node.left + node.width / 2 - sight.left - sight.width / 2;
    }
};
showStart(document);
// One that was folded away has no place until it is opened.
document.addEventListener('toggle', (event) => showStart(event.target), true);

// ---- Workbench ------------------------------------------------------------------------------------------------------

// Checks the text of a definition while somebody types: the page is asked for as its button does, and what has changed
// is taken from it.
const watch = (bench) => {
    const text = bench.elements.source;
    const lines = document.getElementById('lines');
    let timer;
    let latest = 0;
    // Each line has its number at once.
    const number = () => {
        const count = text.value.replace(/\n$/, '').split('\n').length;
        while (lines.children.length > count) lines.lastChild.remove();
        while (lines.children.length < count) {
            lines.append(document.createElement('li'));
            lines.lastChild.textContent = lines.children.length;
        }
    };
    const check = async () => {
        const turn = ++latest;
        const body = new FormData(bench);
        body.delete('file');
        body.set('outcome', 'look');
        const answer = await fetch(bench.action, { method: 'POST', body }).catch(() => null);
        const page = answer && new DOMParser().parseFromString(await answer.text(), 'text/html');
        if (!page?.getElementById('verdict') || turn !== latest) return;
        document.title = page.title;
        // What was wrong with the form that was sent is told anew by what is checked now.
        for (const told of document.querySelectorAll('main > #problems, #bench .error')) told.remove();
        bench.querySelectorAll('[aria-invalid]').forEach(unmark);
        for (const field of bench.querySelectorAll('.field.fail')) field.classList.remove('fail');
        for (const id of ['parts', 'lines', 'result', 'verdict', 'acts']) {
            const [old, fresh] = [document, page].map((one) => one.getElementById(id));
            if (old?.innerHTML !== fresh?.innerHTML) old.innerHTML = fresh.innerHTML;
        }
        number();
        showStart(bench);
    };
    text.addEventListener('input', () => {
        number();
        clearTimeout(timer);
        timer = setTimeout(check, 600);
    });
    bench.elements.file.addEventListener('change', () => bench.requestSubmit(bench.querySelector('[value=check]')));
    // The link of a problem leads to its line.
    document.addEventListener('click', (event) => {
        const link = event.target.closest('a[data-line]');
        if (!link) return;
        const start = text.value.split('\n').slice(0, link.dataset.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
        event.preventDefault();
        text.focus();
        text.setSelectionRange(start, (text.value + '\n').indexOf('\n', start));
    });
};

const bench = document.getElementById('bench');
if (bench) watch(bench);

// ---- Lists ----------------------------------------------------------------------------------------------------------

// The box in the head of a list ticks all rows of the page, and follows them.
document.addEventListener('change', ({ target }) => {
    const table = target.closest('.rows');
    const all = table?.querySelector('.all');
    if (!all) return;
    const boxes = [...table.querySelectorAll('tbody [type=checkbox]')];
    if (target === all) for (const box of boxes) box.checked = all.checked;
    else all.checked = boxes.every((box) => box.checked);
    all.indeterminate = !all.checked && boxes.some((box) => box.checked);
}, true);

// ---- Live rows ------------------------------------------------------------------------------------------------------

// Asks for the rows again while the page is in sight. Nothing moves under a pointer or under the focus: the new rows wait
// for a click then. Below a ticked box they wait until nothing is ticked any more.
const follow = (part) => {
    const seconds = Number(part.dataset.seconds) || 15;
    const note = part.querySelector('.fresh span');
    const pause = document.createElement('button');
    pause.type = 'button';
    pause.className = 'quiet small';
    pause.textContent = 'Pause updates';
    let isPaused = false;
    let tag = '"' + part.dataset.live + '"';
    let wait = seconds;
    let last = Date.now();

    pause.addEventListener('click', () => {
        isPaused = !isPaused;
        pause.textContent = isPaused ? 'Go on updating' : 'Pause updates';
    });

    const isTicked = () => part.querySelector('tbody :checked');
    const say = (text) => { if (note) note.textContent = isTicked() ? 'Paused while rows are selected' : text; };
    // The company's time, as the server wrote it, and what has gone by since.
    const [, hour, minute] = note?.textContent.match(/(\d+):(\d+)/) ?? [0, 0, 0];
    const shift = hour * 36e5 + minute * 6e4 - last;
    const clock = () => new Date(Date.now() + shift).toISOString().slice(11, 16);
    const isInUse = (rows) => rows.matches(':hover') || rows.contains(document.activeElement);

    const put = (text, newTag) => {
        part.lastElementChild.innerHTML = text;
        tag = newTag;
        say('As of ' + clock());
    };

    // The counts of the bell and of the tabs are followed at once; the tabs of most lists stand outside of the part.
    // Returns the rows.
    const putCounts = (text) => {
        const fresh = document.createElement('div');
        fresh.innerHTML = text;
        const bell = fresh.querySelector('.bell');
        const old = document.querySelector('.top .bell');
        if (bell && old && !isInUse(old)) old.replaceWith(bell.cloneNode(true));
        bell?.remove();
        const tabs = fresh.querySelector('.tabs');
        const shown = document.querySelector('main .tabs');
        if (tabs && shown && !isInUse(shown)) shown.replaceWith(tabs.cloneNode(true));
        if (tabs?.parentElement === fresh) tabs.remove();
        return fresh.innerHTML;
    };

    const look = async () => {
        last = Date.now();
        const answer = await fetch(location.pathname + '/rows' + location.search, { headers: { 'If-None-Match': tag } }).catch(() => null);
        if (!answer || (!answer.ok && answer.status !== 304) || answer.redirected) {
            wait = Math.min(wait * 2, 300);
            say('Not updated just now');
            return;
        }
        wait = seconds;
        if (answer.status === 304) return say('As of ' + clock());
        // Of the rows that are shown: what is only offered is offered until it is taken.
        const newTag = answer.headers.get('ETag');
        const text = putCounts(await answer.text());
        // What is selected stays in place; the rows are asked for again afterwards.
        if (isTicked()) return say();
        if (!isInUse(part.lastElementChild) || text === part.lastElementChild.innerHTML) return put(text, newTag);
        const show = Object.assign(document.createElement('button'), { type: 'button', className: 'quiet small' });
        show.textContent = 'Show what is new';
        show.addEventListener('click', () => put(text, newTag));
        note?.replaceChildren(show);
    };

    part.addEventListener('change', () => { isTicked() ? say() : isPaused || look(); });
    note?.nextElementSibling.replaceWith(pause);
    setInterval(() => {
        const since = (Date.now() - last) / 1000;
        if (!isPaused && !document.hidden && since >= wait) look();
    }, 1000);
};

for (const part of document.querySelectorAll('[data-live]')) follow(part);

// ---- A ticket that goes on by itself --------------------------------------------------------------------------------

// Its state is asked for again, soon and then less often, while the page is in sight. What somebody uses stays.
const again = (wait) => document.querySelector('[data-soon]') && wait < 6e4 && setTimeout(async () => {
    const answer = !document.hidden && await fetch(location.href).catch(() => null);
    const page = new DOMParser().parseFromString(answer?.ok ? await answer.text() : '', 'text/html');
    for (const part of ['#progress', 'aside > :first-child', '.tl']) {
        const [fresh, old] = [page, document].map((one) => one.querySelector('main ' + part));
        if (fresh && old && !old.contains(document.activeElement) && !old.querySelector('details[open]')) old.replaceWith(fresh);
    }
    again(document.hidden ? wait : wait * 2);
}, wait);
again(1e3);

// On a telephone the links of the header scroll in themselves: the present one begins in sight.
document.querySelector('header nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
