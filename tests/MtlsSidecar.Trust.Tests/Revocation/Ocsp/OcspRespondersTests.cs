using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Revocation.Ocsp;

namespace MtlsSidecar.Trust.Tests.Revocation.Ocsp;

public sealed class OcspRespondersTests
{
    private const string Dead = "http://ocsp.test/dead";

    [Theory]
    [InlineData(1023, false)]
    [InlineData(1024, true)]
    public void DeadResponder_IsForgottenForOthersBeyondABound(int others, bool isForgotten)
    {
        // Certificates name them: their number must not be the memory that they take.
        var responders = new OcspResponders(new ManualTimeProvider());
        for (var failure = 0; failure < 3; failure++)
        {
            responders.Failed(Dead);
        }

        for (var number = 0; number < others; number++)
        {
            responders.Failed($"http://ocsp.test/{number}");
        }

        responders.MayAsk(Dead).Should().Be(isForgotten);
    }
}
