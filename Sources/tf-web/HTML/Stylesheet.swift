/// The one style sheet, served under a name that changes with its content.
enum Stylesheet {
    static let path = "/assets/\(Base64URL.encode(Digest.sha256(source.utf8).prefix(9))).css"

    static let source = """
        :root{--bg:#fff;--fg:#16202b;--soft:#566373;--line:#8a97a6;--faint:#eef1f5;--link:#0b57b0;--now:#0b57b0;\
        --nowbg:#e3eefb;--good:#12693a;--goodbg:#e2f3e8;--bad:#a3160f;--badbg:#fbe6e4;--wait:#7a4b00;--waitbg:#fbf0d9}
        @media(prefers-color-scheme:dark){:root{--bg:#12181f;--fg:#e6ebf1;--soft:#a9b5c3;--line:#708094;--faint:#1d2630;\
        --link:#8cc0ff;--now:#9ccaff;--nowbg:#14304f;--good:#8fdcae;--goodbg:#123522;--bad:#ffa9a1;--badbg:#45191a;\
        --wait:#f3cb82;--waitbg:#40300f}}
        *{box-sizing:border-box}[hidden]{display:none!important}
        body{margin:0;font:1rem/1.5 system-ui,sans-serif;background:var(--bg);color:var(--fg)}
        a{color:var(--link)}
        :focus-visible{outline:3px solid var(--link);outline-offset:2px}
        main:focus,.errors:focus{outline:none}
        .skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--bg);padding:.5rem}
        .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        header{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:center;padding:.5rem 1rem;\
        border-bottom:1px solid var(--line);background:var(--faint)}
        header ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:0;padding:0;list-style:none}
        header a,header summary{display:inline-block;padding:.4rem 0;min-width:24px}
        summary{color:var(--link);cursor:pointer;padding:.4rem 0}
        header a[aria-current]{font-weight:700;color:var(--fg)}
        .brand{font-weight:700;text-decoration:none;color:var(--fg)}
        .who{margin-left:auto;display:flex;gap:1rem;align-items:center}
        main,footer{max-width:70rem;margin:0 auto;padding:1rem}
        footer{color:var(--soft);border-top:1px solid var(--line);margin-top:2rem}
        h1{font-size:1.7rem;line-height:1.25;margin:.5rem 0 1rem}h2{font-size:1.25rem;margin:1.75rem 0 .5rem}
        p,li,dd,.hint,label{max-width:75ch;overflow-wrap:anywhere}
        table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem}
        caption{text-align:left;color:var(--soft);padding:.25rem 0}
        th,td{text-align:left;vertical-align:top;padding:.5rem .75rem .5rem 0;border-bottom:1px solid var(--line);\
        font-weight:400;overflow-wrap:break-word}
        thead th{font-weight:700;overflow-wrap:normal}.number{text-align:right}
        dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.25rem 1rem}dt{color:var(--soft)}\
        dd{margin:0;white-space:pre-wrap}
        .tag{display:inline-block;white-space:nowrap;padding:0 .5rem;border:1px solid;border-radius:.25rem;font-size:.9rem;font-weight:600}
        .now{color:var(--now);background:var(--nowbg)}.good{color:var(--good);background:var(--goodbg)}
        .bad{color:var(--bad);background:var(--badbg)}.wait{color:var(--wait);background:var(--waitbg)}\
        .off{color:var(--soft);background:var(--faint)}
        .field,fieldset{margin:0 0 1.25rem;border:0;padding:0;min-width:0}
        .wrong{border-left:5px solid var(--bad);padding-left:1rem}
        label,legend{font-weight:600;display:block;padding:0}.choice{display:flex;gap:.6rem;align-items:flex-start}\
        .choice label{font-weight:400;padding:.2rem 0}.choice input{width:1.4rem;height:1.4rem;flex:none;margin:.25rem 0}
        .hint,.optional{color:var(--soft);font-weight:400}.hint p{margin:0}
        .conditional{border-left:3px solid var(--line);padding-left:1rem;margin-bottom:1.25rem}\
        .conditional>:last-child{margin-bottom:0}.only{color:var(--soft);margin:0 0 .25rem}.live .only{display:none}
        .error{color:var(--bad);font-weight:600;margin:.25rem 0}
        input,textarea,select,button,.button{font:inherit;color:inherit;background:var(--bg);\
        border:1px solid var(--line);border-radius:.3rem;padding:.5rem .6rem;max-width:100%}
        input:not([type=checkbox]):not([type=radio]),textarea,select{width:34rem;display:block;margin-top:.25rem}
        input[type=number],input[type=date],input[type=time],input[type=datetime-local]{width:14rem!important}
        textarea{min-height:7rem}
        button,.button{display:inline-block;min-height:44px;background:var(--link);color:var(--bg);border-color:var(--link);\
        font-weight:600;text-decoration:none;cursor:pointer}
        .second{background:var(--bg);color:var(--link)}.danger{background:var(--bad);border-color:var(--bad)}
        .plain{background:none;color:var(--link);border:0;min-height:0;padding:.4rem 0;text-decoration:underline;\
        font-weight:400}
        .buttons,.filters{display:flex;flex-wrap:wrap;gap:.75rem;align-items:flex-end}
        .buttons,.filters{margin:0 0 1rem}.buttons a[aria-current]{font-weight:700;color:var(--fg);text-decoration:none}
        .filters .field{margin:0}.filters input,.filters select{width:12rem!important}
        .errors{border:4px solid var(--bad);padding:0 1rem;margin-bottom:1.5rem}.errors h2{margin-top:1rem}\
        .errors a{color:var(--bad)}
        .banner{border:1px solid var(--good);background:var(--goodbg);color:var(--good);padding:.75rem 1rem;\
        margin-bottom:1rem}
        .empty{border:1px dashed var(--line);padding:1rem;margin:.5rem 0 1rem}
        .card{border:1px solid var(--line);border-radius:.3rem;padding:1rem;margin:0 0 1rem}.card>:first-child{margin-top:0}\
        .card>:last-child{margin-bottom:0}
        .catalogue{list-style:none;padding:0;display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr))}
        .catalogue p{margin:.25rem 0 0}
        .text{white-space:pre-wrap;overflow-wrap:anywhere}
        pre{overflow:auto;background:var(--faint);padding:.75rem}
        .diff ins,.diff del{text-decoration:none}.diff ins{background:var(--goodbg);color:var(--good)}\
        .diff del{background:var(--badbg);color:var(--bad)}.gap{color:var(--soft)}
        textarea.code{width:100%;font-family:ui-monospace,monospace;white-space:pre;overflow:auto;tab-size:4}
        .preview{border:1px dashed var(--line);padding:1rem}
        .bar{display:inline-block;height:.8rem;background:var(--now);vertical-align:middle;margin-right:.5rem}
        .w1{width:1rem}.w2{width:2rem}.w3{width:3rem}.w4{width:4rem}.w5{width:5rem}.w6{width:6rem}.w7{width:7rem}\
        .w8{width:8rem}
        .diagram{overflow-x:auto;max-width:100%}
        .diagram svg{max-width:100%;height:auto}
        .diagram text{fill:var(--fg);font-family:system-ui,sans-serif}
        .node polygon,.node ellipse{fill:var(--bg);stroke:var(--line);stroke-width:1.2}
        .todo polygon{stroke-dasharray:5 4}
        .past polygon,.past ellipse{fill:var(--goodbg);stroke:var(--good)}
        .here polygon{fill:var(--nowbg);stroke:var(--now);stroke-width:3.5}
        .over polygon{stroke-dasharray:1 3}
        .broken polygon{fill:var(--badbg);stroke:var(--bad);stroke-width:3}
        .edge path{fill:none;stroke:var(--line)}.edge polygon{fill:var(--line);stroke:var(--line)}
        .walked path{stroke:var(--good);stroke-width:2.5}.walked polygon{fill:var(--good);stroke:var(--good)}
        .legend{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;padding:0;color:var(--soft)}
        .history{list-style:none;padding:0}.history li{border-left:3px solid var(--line);padding:0 0 .6rem .9rem}
        @media(max-width:640px){table,tbody,tr,td,th[scope=row],caption{display:block}thead{display:none}\
        tr{border:1px solid var(--line);border-radius:.3rem;padding:.5rem .75rem;margin-bottom:.75rem}\
        td,tbody th{border:0;padding:.15rem 0}td::before,tbody th::before{content:attr(data-label) ": ";color:var(--soft)}\
        .number{text-align:left}dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}.who{margin-left:0}}
        @media print{header,footer,form,.buttons,.skip{display:none}body{color:#000;background:#fff}\
        .diagram{print-color-adjust:exact}}
        """
}
