<?php
// Calls the functions that the test has written with an instance that sends nothing, and prints what each has called.

namespace WeChatPay {
    interface BuilderChainable
    {
    }
}

namespace Psr\Http\Message {
    interface ResponseInterface
    {
    }
}

namespace {
    class Answer implements Psr\Http\Message\ResponseInterface
    {
        public function getBody()
        {
            return 'body';
        }

        public function then(callable $callback)
        {
            return new Promised($callback($this));
        }

        public function wait()
        {
            return $this;
        }
    }

    class Promised
    {
        public function __construct(private mixed $value)
        {
        }

        public function wait()
        {
            return $this->value;
        }
    }

    class Recorder implements WeChatPay\BuilderChainable, ArrayAccess
    {
        public static array $called = [];

        public function __construct(private array $path = [])
        {
        }

        public function chain(string $segment): self
        {
            $segment = preg_replace('/^_(.+)_$/', '{$1}', $segment);
            $segment = preg_replace_callback('/\{[^}]*\}|[A-Z]/', fn ($found) => strlen($found[0]) > 1 ? $found[0] : '-' . strtolower($found[0]), lcfirst($segment));
            return new self([...$this->path, $segment]);
        }

        public function __get(string $name): self
        {
            return $this->chain($name);
        }

        public function __call(string $verb, array $arguments): Answer
        {
            self::$called[] = ['path' => implode('/', $this->path), 'verb' => $verb, 'options' => $arguments[0] ?? []];
            return new Answer();
        }

        public function offsetGet(mixed $name): self
        {
            return $this->chain($name);
        }

        public function offsetExists(mixed $name): bool
        {
            return true;
        }

        public function offsetSet(mixed $name, mixed $value): void
        {
        }

        public function offsetUnset(mixed $name): void
        {
        }
    }

    ini_set('serialize_precision', '-1');
    foreach (json_decode(stream_get_contents(STDIN), true) as $file => $names) {
        require $file;
        foreach ($names as $name) {
            Recorder::$called = [];
            $returned = $name(new Recorder());
            $line = ['name' => $name, 'called' => Recorder::$called, 'returned' => $returned];
            echo json_encode($line, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES), "\n";
        }
    }
}
