using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Demo;

/// <summary>The story that a stranger sees first.</summary>
[Collection(nameof(WholeMachine))]
public sealed class DemoTests
{
    [Fact]
    public async Task Once_ShowsEveryStepAndEndsWithZero()
    {
        var program = SidecarProgram.BuiltProgram("MtlsSidecar.Demo", "MtlsSidecar.Demo");

        var result = await ChildProcess.RunAsync(new ProcessStart(program, "--once"), TimeSpan.FromMinutes(2));

        result.ExitCode.Should().Be(0, result.ToString());
        result.Output.Should().Contain("mosquitto_sub received \"order 7 shipped\"");
        result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.Should().BeGreaterThanOrEqualTo(6, "each step has its line");
    }

    [Fact]
    public async Task OnceWithoutABroker_SaysSoAndEndsWithZero()
    {
        using var empty = new TestDirectory();
        var start = new ProcessStart(SidecarProgram.BuiltProgram("MtlsSidecar.Demo", "MtlsSidecar.Demo"), "--once")
        {
            Environment = new Dictionary<string, string?> { ["PATH"] = empty.Path },
        };

        var result = await ChildProcess.RunAsync(start, TimeSpan.FromMinutes(2));

        result.ExitCode.Should().Be(0, result.ToString());
        result.Output.Should().Contain("Message through a tunnel: not shown");
    }
}
