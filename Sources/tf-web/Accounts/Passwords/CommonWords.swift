import TFExpression

/// Words that people often use in passwords, by topic. Written in lower case and without accents.
enum CommonWords {
    /// Characters written in place of letters, with the letters that each may stand for.
    static let disguises: [Unicode.Scalar: Set<Unicode.Scalar>] = [
        "@": ["a"], "4": ["a"], "8": ["b"], "(": ["c"], "3": ["e"], "9": ["g"], "6": ["g"], "1": ["i", "l"],
        "!": ["i", "l"], "|": ["i", "l"], "0": ["o"], "$": ["s"], "5": ["s"], "7": ["t"], "+": ["t"], "2": ["z"],
    ]

    private static let themes = [
        "signing in": """
        password passwords passwort passwoord wachtwoord passe motdepasse contrasena parola senha haslo
        heslo passphrase pass passw psw pwd pw secret secrets geheim secreto login logon signin user
        username guest admin administrator adminadmin root toor superuser sysadmin system master default
        changeme letmein access account private security secure welcome welcom willkommen bienvenue
        bienvenido benvenuto hello hallo hola bonjour test tester testing demo sample example temp
        temporary service server oracle cisco linux windows microsoft internet computer network database
        office company business manager support helpdesk public pokus пароль привет
        """,
        "names": """
        aaron adam adrian alberto alejandra alejandro alessandro alex alexander alexandra alexandre
        alexis alice allison amanda amber andrea andreas andrei andrew andrey angel angela angelica
        angelina anthony antonio april arthur ashley austin barbara beatriz benjamin bernard bianca
        brandon brandy brenda brian britney brittany bruno camila carlos carmen carolina caroline
        catherine cesar charles charlie charlotte chelsea cheyenne chris christian christina christine
        christopher claudia cristian cristina crystal cynthia daniel daniela danielle david deborah
        dennis derek destiny diana diego dmitry dominic dominique dylan eduardo edward elena elizabeth
        emily emmanuel enrique eric ernesto esther eugene eva evelyn fabian federico felipe fernanda
        fernando francesco francis francisco frank franklin gabriel gabriela gabrielle gary george
        gerald gerardo giovanni giuseppe gloria gonzalo gregory guadalupe guillermo hannah harold
        heather hector heidi helena henry hunter ignacio igor irina isaac isabel isabella isaiah ivan
        jack jackson jacob jacqueline james jamie janet jasmine jason javier jeffrey jennifer jeremiah
        jeremy jessica jesus joanna john johnny jonathan jordan jorge jose joseph josephine joshua juan
        julia julian juliana juliette justin karen karina katherine kathleen kathryn katie kayla kelly
        kenneth kevin kimberly kristen kristina laura lauren leonardo leonard leslie leticia linda
        lindsey lisa logan lorena lorenzo louise lucas lucia luis madison manuel marcela marco marcos
        maria mariana marie marina mario marisol mark martha martin martina matthew mauricio maurice max
        maximilian megan melanie melissa mercedes michael michel michele michelle miguel miranda mohamed
        mohammed monica monika morgan muhammad nancy natalia natalie natasha nathan nathaniel nelson
        nicholas nicola nicolas nicole nikita olga oliver olivia oscar pablo pamela patricia patrick
        paul paula pedro peter philip priscilla rachel rafael ramon raymond rebecca ricardo richard
        robert roberta roberto rodrigo roger roland ronald rosemary russell ryan sabrina salvador
        samantha samuel sandra santiago santos sarah scott sean sebastian sergei sergey sergio shannon
        sharon shawn silvia simon sophia sophie stefan stefania stephanie stephen steven susan suzanne
        svetlana tamara tatiana taylor teresa theresa thomas tiffany timothy tony travis trevor tyler
        valentina valeria valerie vanessa veronica victor victoria vincent virginia vladimir walter
        wendy wesley whitney william xavier yolanda zachary
        """,
        "love and home": """
        love lover loves lovely loving loveyou iloveyou iloveu ilove loveme loveu lovelove forever
        always together babygirl babyboy babydoll baby babe honey sweet sweetie sweetheart sweetpea
        darling princess princesa prince queen king angels heart hearts kiss kisses hugs family mother
        father mommy daddy mama papa brother sister grandma grandpa grandmother grandfather friend
        friends friendship bestfriend bestfriends boyfriend girlfriend husband wife marriage wedding
        children teamo tequiero teamomucho amor amore mivida micorazon corazon bonita hermosa liebe
        schatz ichliebedich jetaime monamour cherie doudou solnyshko lyubov любовь наташа woaini
        woaiwojia woai aishiteru beautiful pretty gorgeous cutie handsome sexy smile smiley happy
        happiness lucky blessed precious special wonderful
        """,
        "faith, hope and anger": """
        jesus jesuschrist jesusislord jesuslovesme christ godisgood godislove god lord church heaven
        faith hope grace blessing trinity genesis bismillah allah inshallah alhamdulillah ganesh krishna
        buddha peace freedom liberty destiny whatever nothing something anything everything nobody
        somebody unbelievable incorrect impossible fuck fuckyou fucku fucking fuckoff motherfucker
        mother fucker asshole bullshit bitch shit damn hell devil satan evil killer killme death hate
        """,
        "beasts and nature": """
        monkey dragon tiger tigers tigger lion lions eagle eagles falcon falcons panther panthers wolf
        wolves bear bears shark snake spider horse horses pony puppy puppies kitty kitten kittycat cat
        cats dog dogs doggy dolphin dolphins elephant penguin penguins turtle turtles rabbit bunny
        butterfly butterflies mariposa ladybug bluebird phoenix unicorn sunshine sunflower flower
        flowers estrella estrellita star stars moon moonlight sun sunset sunrise rainbow rainbows shadow
        summer winter spring autumn sommer herbst fruehling verano invierno snow snowball snowflake
        thunder lightning storm fire water ocean beach island diamond diamonds crystal silver golden
        gold
        """,
        "colours and food": """
        black blue green orange purple yellow white pink brown chocolate cookie cookies cupcake candy
        banana strawberry blueberry cherry apple apples pineapple peaches coffee cheese pizza chicken
        pepper peanut butter peanutbutter butterscotch popcorn pancake marshmallow cocacola pepsi vodka
        whiskey budweiser heineken marlboro
        """,
        "days and years": """
        january february march april june july august september october november december januar februar
        maerz juni juli oktober dezember enero febrero marzo abril mayo junio julio agosto septiembre
        octubre noviembre diciembre janvier fevrier juillet aout monday tuesday wednesday thursday
        friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag lunes viernes
        domingo birthday christmas halloween easter valentine weekend holiday today tomorrow yesterday
        """,
        "sport": """
        football fussball futbol futebol soccer baseball basketball volleyball softball hockey tennis
        cricket swimming gymnastics cheerleader cheerleading wrestling wrestler skateboard skateboarding
        snowboard snowboarding surfing cowboys steelers yankees redsox redskins raiders patriots packers
        lakers bulls chicagobulls dodgers rangers giants dolphins broncos vikings chargers arsenal
        chelsea chelseafc liverpool liverpoolfc everton manchester united manchesterunited
        manchestercity mancity tottenham celtic rangers newcastle barcelona barca fcbarcelona realmadrid
        atletico juventus milan acmilan inter napoli roma benfica porto sporting ajax feyenoord bayern
        bayernmuenchen bayernmunich fcbayern muenchen borussia dortmund schalke werder hamburg
        galatasaray fenerbahce besiktas boca bocajuniors riverplate flamengo corinthians palmeiras
        santos saopaulo spartak dynamo zenit messi ronaldo ronaldinho cristiano beckham neymar jordan
        michaeljordan kobe lebron champion champions winner number ferrari porsche lamborghini mercedes
        mustang corvette camaro chevrolet chevy toyota honda suzuki yamaha kawasaki harley
        harleydavidson ducati mitsubishi volkswagen
        """,
        "films, games and music": """
        batman superman spiderman ironman wolverine xmen avengers starwars startrek skywalker darthvader
        lordoftherings gandalf matrix terminator harrypotter hogwarts twilight vampire vampires naruto
        sasuke dragonball dragonballz goku pokemon pikachu digimon onepiece spongebob squarepants mickey
        mickeymouse minnie disney donald donaldduck snoopy garfield scooby scoobydoo tinkerbell tweety
        winnie winniethepooh hellokitty barbie teletubbies simpsons homer southpark cartoon minecraft
        roblox fortnite callofduty counterstrike counter strike warcraft worldofwarcraft starcraft
        diablo runescape playstation xbox nintendo gameboy zelda mario supermario sonic halo assassin
        leagueoflegends legend legends metallica nirvana slipknot linkinpark blink greenday ironmaiden
        megadeth korn eminem tupac rockstar rocknroll rockandroll music musica guitar hiphop
        justinbieber onedirection michaeljackson hannahmontana avril beatles bobmarley marley madonna
        elvis guns roses gunsnroses jonas brothers jonasbrothers evanescence paramore mychemicalromance
        systemofadown goodcharlotte backstreetboys tokiohotel simpleplan chrisbrown rihanna shakira
        superstar fallenangel transformers wonderwoman undertaker stonecold johncena supernatural
        californication thunderstruck heartbreaker masterchief blackberry panicatthedisco
        """,
        "brands and places": """
        google facebook youtube twitter instagram myspace yahoo hotmail gmail samsung iphone android
        nokia motorola sony apple macintosh adidas nike puma gucci america american usa canada mexico
        brasil brazil argentina colombia venezuela england london scotland ireland france paris germany
        deutschland berlin italia italy españa madrid portugal russia moscow india pakistan philippines
        pilipinas indonesia jakarta vietnam china beijing japan tokyo korea australia sydney africa
        california florida texas chicago newyork boston dallas houston denver hawaii jamaica
        """,
        "long words": """
        accessdenied architecture communication constantinople engineering extraordinary independence
        intelligence international mathematics organization photographer photography professional
        relationship resurrection revolution revolutionary spectacular technology thunderbird
        thunderbirds underground university unknown
        """,
        "of programs that make accounts": """
        mailcreated5240 polniypizdec0211 sojdlg123aljg soso123aljg
        """,
        "whole sayings": """
        trustnoone trustno correcthorsebatterystaple thisismypassword thisisapassword mypassword
        yourpassword nopassword forgotpassword iforgot ihatepasswords letmein openup opensesame
        abracadabra hocuspocus qwerty qwertz azerty qazwsx asdf asdfgh zxcvbn zxcvbnm wasd abc abcd
        abcdef xyz blah blahblah asd qwe zxc lalala hahaha hehehe lol omg the this that is my your you
        me and for are not are so much somuch mucho because pretty please thanks thankyou sorry man men boy
        boys girl girls guy dude lady bad big little super mega ultra power magic hunter ninja samurai
        pirate pirates soldier ranger warrior knight wizard ghost joker player gamer hacker cowboy biker
        doctor teacher student school college university
        """,
    ]

    private static let words: [Unicode.Scalar: [[Unicode.Scalar]]] = {
        let words = Set(themes.values.flatMap { $0.unicodeScalars.split { $0 == " " || $0 == "\n" }.map(String.init) })
        return Dictionary(grouping: words.map(PasswordGuess.plain)) { $0.first ?? " " }
    }()

    /// The words that may begin with a scalar, or with a letter that it stands for.
    static func starting(as scalar: Unicode.Scalar) -> [[Unicode.Scalar]] {
        (words[scalar] ?? []) + (disguises[scalar] ?? []).flatMap { words[$0] ?? [] }
    }
}
