# frozen_string_literal: true

# Enqueues jobs one after the other as users of Sidekiq do, and prints jobs a second.
# Usage: enqueue.rb sidekiq SOCKET COUNT

require "sidekiq"

Sidekiq.configure_client { |config| config.redis = { url: "unix://#{ARGV[1]}" } }

class Approve
  include Sidekiq::Worker

  def perform(*); end
end

count = ARGV[2].to_i
details = { "company" => "acme", "task" => "approve-access", "title" => "Approve access for somebody",
            "priority" => "normal", "attempt" => 1 }
Approve.perform_async(0, details) # connects
start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
count.times { |number| Approve.perform_async(number, details) }
puts count / (Process.clock_gettime(Process::CLOCK_MONOTONIC) - start)
