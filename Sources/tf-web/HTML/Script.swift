/// The one script, served under a name that changes with its content. Nothing needs it: it hides fields that are not
/// asked for and takes errors away as they are mended, both by asking the server.
enum Script {
    static let path = "/assets/\(Base64URL.encode(Digest.sha256(source.utf8).prefix(9))).js"

    static let source = """
        const ask = async (form) => {
          const body = new URLSearchParams();
          for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.append(name, value);
          const answer = await fetch(form.dataset.validation, { method: 'POST', body });
          return answer.ok ? answer.json() : null;
        };

        const show = (form, hidden) => {
          let revealed = 0;
          for (const part of form.querySelectorAll('.conditional')) {
            const off = hidden.includes(Number(part.dataset.place));
            if (part.hidden && !off) revealed += 1;
            part.hidden = off;
            for (const control of part.querySelectorAll('input,select,textarea')) control.disabled = off;
          }
          return revealed;
        };

        const mend = (form, errors) => {
          for (const field of form.querySelectorAll('.wrong')) {
            const control = field.querySelector('[name]');
            if (!control) continue;
            const name = control.name.replace(/^f\\./, 'form.').replace(/\\.other$/, '');
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

        for (const form of document.querySelectorAll('form[data-validation]')) {
          form.classList.add('live');
          const places = [...form.querySelectorAll('.conditional[data-hidden]')].map((part) => Number(part.dataset.place));
          show(form, places);
          const status = document.createElement('p');
          status.className = 'hidden';
          status.setAttribute('role', 'status');
          form.append(status);
          let turn = 0;
          let timer;
          const refresh = async () => {
            if (!form.querySelector('.conditional,.wrong')) return;
            const mine = ++turn;
            const answer = await ask(form).catch(() => null);
            if (!answer || mine !== turn) return;
            const revealed = show(form, answer.hidden);
            mend(form, answer.errors);
            if (revealed) status.textContent = revealed === 1 ? 'One more question' : revealed + ' more questions';
          };
          form.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(refresh, 150); });
          form.addEventListener('submit', () => {
            const files = [...form.querySelectorAll('input[type=file]')].some((one) => one.files.length);
            if (files) { status.className = 'hint'; status.textContent = 'Sending the files…'; }
          });
        }

        document.addEventListener('keydown', (event) => {
          if (event.key === 'Enter' && event.ctrlKey && event.target.matches('textarea')) event.target.form?.requestSubmit();
        });
        """
}
