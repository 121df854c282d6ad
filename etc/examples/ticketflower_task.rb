# frozen_string_literal: true

# TicketFlower's service tasks as Sidekiq jobs.
#
#   require_relative "ticketflower_task"
#   TicketFlower.on("convert") { |input, job| { "rows" => convert(input["file"]) } }
#
#   REDIS_URL=unix:///var/lib/ticketflower/redis.sock sidekiq -r ./worker.rb -q acme.etl.urgent -q acme.etl
#
# The lists are those of the service account (company "acme", login "etl"); its urgent jobs stand in a list of their own,
# which is named first. The daemon sees from Sidekiq's own heartbeat that the account is there, and gives it tasks as
# long as it is.
#
# The handler gets the task's input and the job's details (company, ticket, task, title, priority, due, attempt, url). The
# hash that it returns is the task's output; a member "outcome" is its outcome. What it raises makes the try fail: the
# task is tried again as its definition says. TicketFlower::GiveUp fails it for good.
#
# A job runs at least once: a process that is killed leaves it to the next attempt, when the lease of the task's
# definition (5 minutes) is over. A handler that runs longer than the lease is overtaken by another attempt, and its
# answer is refused.

require "json"
require "sidekiq"

module TicketFlower
  # Another try would be of no use.
  class GiveUp < StandardError; end

  @handlers = {}

  class << self
    attr_reader :handlers

    # What is to be done for tasks of a definition; the name "*" is for all others.
    def on(task, &handler)
      @handlers[task] = handler
    end
  end

  # The class that every job of TicketFlower names. It answers through the list of results and never raises: the tries
  # are TicketFlower's, not Sidekiq's.
  class Task
    include Sidekiq::Worker
    sidekiq_options retry: 0

    def perform(_id, job)
      handler = TicketFlower.handlers[job["task"]] || TicketFlower.handlers["*"]
      raise GiveUp, "no handler for the task #{job["task"]}" unless handler

      output = handler.call(job["input"], job)
      answer(job, status: "completed", output: output.is_a?(Hash) ? output : {})
    rescue StandardError => error
      title = error.message.to_s.lines.first.to_s.strip
      answer(job, status: "failed", retry: !error.is_a?(GiveUp),
                  error: { title: title.empty? ? error.class.name : title,
                           detail: "#{error.class} at #{error.backtrace&.first}" })
    end

    private

    def answer(job, result)
      company = job["company"]
      outcome = result[:output].is_a?(Hash) ? result[:output].delete("outcome") : nil
      result = result.merge(jid: jid, worker: Queue.login, attempt: job["attempt"])
      result[:outcome] = outcome if outcome
      Sidekiq.redis do |redis|
        redis.lpush("tf:{#{company}}:results", JSON.generate(result))
        # A hint, so that nobody waits for the daemon's next look.
        redis.publish("tf:{#{company}}:wake", "results")
      end
    end
  end

  # Remembers whose list a job came from: "acme.etl" and "acme.etl.urgent" are both etl's.
  class Queue
    def self.login
      Thread.current[:ticketflower_login]
    end

    def call(_worker, _job, queue)
      Thread.current[:ticketflower_login] = queue.split(".")[1]
      yield
    ensure
      Thread.current[:ticketflower_login] = nil
    end
  end
end

Sidekiq.configure_server do |config|
  config.server_middleware { |chain| chain.add TicketFlower::Queue }
end
