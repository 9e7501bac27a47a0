using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Validation;

public sealed class QuestionsInFlightTests
{
    private readonly QuestionsInFlight<string, int> _inFlight = new(maxOfOnePeer: 2);
    private readonly TaskCompletionSource<int> _answer = new();

    [Fact]
    public async Task PeerWithItsShareUnderWay_AsksNothingMoreAndOthersDo()
    {
        var first = Ask("a", "1");
        var second = Ask("a", "2");

        first.Should().NotBeNull();
        second.Should().NotBeNull();
        Ask("a", "3").Should().BeNull();
        Ask("a", "1").Should().BeSameAs(first, "it is under way already");
        Ask("b", "3").Should().NotBeNull();

        _answer.SetResult(7);
        (await first!).Should().Be(7);
        await second!;
        Ask("a", "3").Should().NotBeNull("the others have ended");
    }

    [Fact]
    public async Task QuestionThatFailed_IsNotUnderWayAnyMore()
    {
        _answer.SetException(new InvalidOperationException());
        for (var attempt = 0; attempt < 5; attempt++)
        {
            await FluentActions.Awaiting(() => Ask("a", $"{attempt}")!).Should().ThrowAsync<InvalidOperationException>();
        }
    }

    private Task<int>? Ask(string peer, string question) => _inFlight.TryAsk(peer, question, () => _answer.Task);
}
